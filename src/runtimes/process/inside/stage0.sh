#!/bin/sh
# stage0.sh [CGROUP_PROCS_FILE]... -- COMMAND...: joins its control groups, then becomes COMMAND.
set -eu
while [ "$1" != -- ]; do
  echo "$$" > "$1" || { echo 'lobsterpot: step control-group: cannot join' >&2; exit 125; }
  shift
done
shift
exec "$@"
