#!/bin/sh
# stage1.sh MODE ROOT UID GID HOSTNAME NETWORK TMP_MIB { ro SRC DST | rw SRC DST }... -- COMMAND...
# Process 1 of the new namespaces, with the right to mount: builds the service's file system, makes it the root,
# drops that right for good and becomes stage2.sh. MODE: root (real root), user (root of a user namespace),
# plain (real root, and the host has no user namespaces). Nothing mounted here is visible outside.
set -eu
mode=$1 root=$2 uid=$3 gid=$4 name=$5 network=$6 tmp=$7
shift 7
umask 022
step=start
trap 'echo "lobsterpot: step $step: failed" >&2; exit 125' EXIT

step=mount-root
mount -t tmpfs -o size=1m,mode=755,nosuid,nodev,noexec lobsterpot "$root"
cd "$root"
mkdir proc dev dev/pts dev/shm tmp etc run usr var var/tmp

step=bind-system
# With everything mounted below it: a part of the tree cannot be bound alone in a user namespace. freeze.pl makes all of it read-only.
for part in bin sbin lib lib64 lib32 libx32; do
  if [ -L "/$part" ]; then ln -s "$(readlink "/$part")" "$part"
  elif [ -d "/$part" ]; then mkdir "$part"; mount --rbind "/$part" "$part"; fi
done
mount --rbind /usr usr
for part in ld.so.cache ssl ca-certificates alternatives localtime nsswitch.conf; do
  [ -e "/etc/$part" ] || continue
  if [ -L "/etc/$part" ]; then cp -P "/etc/$part" "etc/$part"; continue; fi
  if [ -d "/etc/$part" ]; then mkdir "etc/$part"; else : > "etc/$part"; fi
  mount --bind "/etc/$part" "etc/$part"
  mount -o remount,bind,ro,nosuid,nodev,noexec "etc/$part"
done
printf 'svc:x:%s:%s:svc:/state/home:/usr/sbin/nologin\n' "$uid" "$gid" > etc/passwd
printf 'svc:x:%s:\n' "$gid" > etc/group
printf '127.0.0.1 localhost\n::1 localhost\n' > etc/hosts
if [ "$network" = none ]; then printf 'nameserver 127.0.0.1\noptions timeout:2 attempts:1\n' > etc/resolv.conf; else : > etc/resolv.conf; fi

step=mount-dev
for device in null zero full random urandom; do
  : > "dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,nosuid,noexec devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o size=64m,mode=1777,nosuid,nodev,noexec lobsterpot dev/shm
mount -t tmpfs -o "size=${tmp}m,mode=1777,nosuid,nodev,noexec" lobsterpot tmp

step=mount-proc
mount -t proc -o nosuid,nodev,noexec proc proc
# What of the host no namespace hides: the names of its user's keys, its timers, its configuration.
for part in keys key-users timer_list sched_debug latency_stats config.gz; do
  [ ! -e "proc/$part" ] || mount --bind dev/null "proc/$part"
done

step=bind-service
bind_service() {
  while [ "$1" != -- ]; do
    case $1 in
      ro) options=ro,nosuid,nodev ;;
      rw) options=nosuid,nodev,noexec ;;
      *) exit 125 ;;
    esac
    if [ -d "$2" ]; then mkdir -p ".$3"; else mkdir -p ".${3%/*}"; : > ".$3"; fi
    mount --bind "$2" ".$3"
    # Two calls: mount(8) up to 2.38 ignores ro on a first bind.
    mount -o "remount,bind,$options" ".$3"
    shift 3
  done
}
bind_service "$@"

step=hostname
hostname "$name"
if [ "$network" = none ]; then
  step=names
  # Of this network namespace alone, so that the launcher can be its resolver. A kernel before 4.11 keeps port 53 for root.
  port=proc/sys/net/ipv4/ip_unprivileged_port_start
  [ ! -w "$port" ] || echo 53 > "$port"
  step=loopback
  if command -v ip >/dev/null 2>&1; then ip link set lo up
  else perl -e 'socket(S, 2, 2, 0) or die; my $r = pack("Z16s x22", "lo", 0x49); ioctl(S, 0x8914, $r) or die "$!"'; fi
fi

step=pivot-root
mkdir .old
pivot_root . .old
cd /
umount -l /.old
rmdir /.old
# "bind" matters: without it mount(8) repeats the tmpfs options uid=, which are not mapped in a user namespace.
mount -o remount,bind,ro,nosuid,nodev,noexec /

step=read-only
perl /opt/lobsterpot/freeze.pl "$@"
while [ "$1" != -- ]; do shift 3; done
shift

step=drop
trap - EXIT
drop() {
  # Changing the user clears the parent-death signal, so it is set again afterwards.
  exec setpriv --reuid "$uid" --regid "$gid" --clear-groups --inh-caps=-all --ambient-caps=-all --bounding-set=-all --no-new-privs \
    setpriv --pdeathsig KILL "$@"
}
case $mode in
  root) drop unshare --user --map-root-user /bin/sh /opt/lobsterpot/stage2.sh nested "$uid" "$gid" "$@" ;;
  # stage2.sh comes after the filter, as part of the command.
  plain) drop "$@" ;;
  user) exec /bin/sh /opt/lobsterpot/stage2.sh nested "$uid" "$gid" "$@" ;;
esac
exit 125
