#!/bin/sh
# The operator's place: this machine's files as they are, but for the few that are bound over.
# Runs in the place's namespaces and stays as the process that holds them. Arguments: NAME [SOURCE TARGET]...
set -eu
hostname "$1"
shift
while [ $# -gt 0 ]; do
  if [ -e "$2" ]; then mount --bind "$1" "$2"; fi
  shift 2
done
echo ready
exec sleep infinity
