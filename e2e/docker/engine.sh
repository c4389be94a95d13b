#!/bin/sh
# engine.sh SCRATCH: a Docker engine as the first process of namespaces of its own, on a host with one LAN neighbour.
# The neighbour (a nested namespace) is also the way to everything else, so that nothing leaves this machine.
set -eu
scratch=$1
ip link set lo up
ip link add lan0 type veth peer name host0
ip address add 192.168.77.5/24 dev lan0
ip link set lan0 up
unshare --net sh -c 'touch "$1"/neighbour.begun; until [ -e "$1"/neighbour.moved ]; do sleep 0.05; done
  ip link set lo up
  ip address add 198.51.100.7/32 dev lo
  ip address add 192.168.77.9/24 dev host0
  ip link set host0 up
  exec sleep infinity' sh "$scratch" &
neighbour=$!
until [ -e "$scratch"/neighbour.begun ]; do sleep 0.05; done
ip link set host0 netns "$neighbour"
touch "$scratch"/neighbour.moved
ip route add default via 192.168.77.9
# The host's resolver is on its loopback, as behind systemd-resolved: the engine asks it in the host's own namespace.
echo 'nameserver 127.0.0.1' >"$scratch"/resolv.conf
mount --bind "$scratch"/resolv.conf /etc/resolv.conf
echo "$neighbour" >"$scratch"/neighbour.pid
exec dockerd --data-root "$scratch"/data --exec-root "$scratch"/exec --pidfile "$scratch"/dockerd.pid \
  --host "unix://$scratch/docker.sock" --bip 172.31.250.1/24 >"$scratch"/dockerd.log 2>&1
