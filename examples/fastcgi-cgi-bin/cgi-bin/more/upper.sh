#!/bin/sh
echo 'Content-Type: text/plain'
echo 'Status: 201 Created'
echo
exec tr '[:lower:]' '[:upper:]'
