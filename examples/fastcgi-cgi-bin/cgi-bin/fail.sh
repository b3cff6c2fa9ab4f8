#!/bin/sh
# What is written to standard error is for the web server's log; the exit code is the application status.
echo 'something is wrong' >&2
echo 'Content-Type: text/plain'
echo
echo 'failed'
exit 3
