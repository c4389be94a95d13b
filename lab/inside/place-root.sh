#!/bin/sh
# Gives a place of the lab a root of its own: this machine's files, where every change stays in memory and in the lab.
# Runs in the place's namespaces and stays as the process that holds them.
# Arguments: NAME EMPTY-FOLDER CHANGE...
#   CHANGE: bind SOURCE PATH | show SOURCE PATH (read-only) | hide PATH | remove PATH | unmount PATH   (PATH without the first slash)
set -eu
name=$1 top=$2
shift 2

mount -t tmpfs -o mode=0755 tmpfs "$top"
mkdir "$top/upper" "$top/work" "$top/root"
# The lower folder may not hold the upper one: a file system of its own is outside of it.
mount -t overlay -o "lowerdir=/,upperdir=$top/upper,workdir=$top/work" overlay "$top/root"
cd "$top/root"
mount --rbind /sys sys
mount --rbind /dev dev
mount -t proc proc proc
mount -t tmpfs -o mode=0755 tmpfs run

put() {
  if [ -d "$1" ]; then mkdir -p "./$2"; else mkdir -p "./$(dirname "$2")" && : >> "./$2"; fi
  mount --bind "$1" "./$2"
}

while [ $# -gt 0 ]; do
  case $1 in
    bind)
      put "$2" "$3"
      shift 3
      ;;
    show)
      put "$2" "$3"
      mount -o remount,bind,ro "./$3"
      shift 3
      ;;
    hide)
      mkdir -p "./$2"
      mount -t tmpfs -o mode=0755 tmpfs "./$2"
      shift 2
      ;;
    remove)
      rm -rf "./$2"
      shift 2
      ;;
    unmount)
      umount "./$2"
      shift 2
      ;;
    *)
      echo "no such change: $1" >&2
      exit 64
      ;;
  esac
done
if mountpoint -q tmp; then chmod 1777 tmp; fi

mkdir .machine
pivot_root . .machine
cd /
umount -l /.machine
rmdir /.machine
hostname "$name"
echo ready
exec sleep infinity
