#!/bin/sh
# Any program will do: variables and standard input, fields and standard output.
echo 'Content-Type: text/plain'
echo
echo "$REQUEST_METHOD $SCRIPT_NAME${PATH_INFO:+ with $PATH_INFO}${QUERY_STRING:+ and $QUERY_STRING}"
