#!/bin/sh
# stage2.sh KIND UID GID COMMAND...: process 1 from here on. Starts the service without any right, reaps orphans, ends with it.
# KIND nested: it is root of a user namespace between the host's and the service's, so that nothing inside can reach it
# or undo a mount; plain: there is no user namespace.
kind=$1 uid=$2 gid=$3
shift 3
umask 077
trap '' TERM INT HUP USR1 USR2 PIPE
if [ "$kind" = nested ]; then
  # Also of this namespace: what watches files counts against the user who started everything, and that user's share is small.
  for limit in inotify_instances=32 inotify_watches=8192; do
    file=/proc/sys/user/max_${limit%=*}
    [ ! -w "$file" ] || echo "${limit#*=}" > "$file" || { echo 'lobsterpot: step limit-watches: failed' >&2; exit 125; }
  done
  # Of this namespace: one more may be made (the next line does), none by the service. In plain mode this would be the host's.
  echo 1 > /proc/sys/user/max_user_namespaces || { echo 'lobsterpot: step limit-namespaces: failed' >&2; exit 125; }
  unshare --user --map-user="$uid" --map-group="$gid" --keep-caps \
    setpriv --no-new-privs --inh-caps=-all --ambient-caps=-all --bounding-set=-all "$@" &
else
  "$@" &
fi
wait "$!"
exit "$?"
