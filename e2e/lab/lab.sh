#!/bin/sh
# First process of the lab: its end is the end of everything in the lab. Also the reaper of what is left behind.
# Arguments: FOLDER NODE INTERNET-PROGRAM IDENTITY UID GID COMMAND...
#   IDENTITY: root (stay as we are) | drop (real root gives up its rights) | nested (an ordinary user's own number again)
set -eu
folder=$1 node=$2 program=$3 identity=$4 uid=$5 gid=$6
shift 6

: > "$folder/host.net"
unshare --net="$folder/host.net" /bin/true
ip -batch "$folder/internet.ip"
nsenter --net="$folder/host.net" ip -batch "$folder/host.ip"

"$node" "$program" "$folder" < /dev/null > "$folder/internet.log" 2>&1 &
internet=$!
tries=0
while [ ! -e "$folder/ready" ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt 400 ] || ! kill -0 "$internet" 2> /dev/null; then
    echo "lab: the small internet did not start:" >&2
    cat "$folder/internet.log" >&2
    exit 70
  fi
  sleep 0.05
done

# In this mount namespace only: the machine's own /etc stays as it is.
for name in resolv.conf nsswitch.conf; do
  if [ -e "/etc/$name" ]; then mount --bind "$folder/$name" "/etc/$name"; fi
done

set +e
case $identity in
  root)   nsenter --net="$folder/host.net" "$@" ;;
  drop)   nsenter --net="$folder/host.net" setpriv --reuid "$uid" --regid "$gid" --clear-groups "$@" ;;
  nested) nsenter --net="$folder/host.net" unshare --user --map-user="$uid" --map-group="$gid" "$@" ;;
esac
exit $?
