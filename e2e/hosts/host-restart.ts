import type { Lab } from '../../lab/lab.ts';
import { until } from '../../src/core/wait.ts';
import { PLAIN_PATH } from '../../src/hosts/run.ts';
import { asRoot, DOCKER, type HostName } from './on-hosts.ts';

const END_MS = 60_000;
const START_MS = 60_000;
const SSHD = ['/usr/sbin/sshd', '-D', '-e'];

/** The engine ends as on a system that is shut down, with all its containers, and starts again. */
export async function restartEngine(lab: Lab, host: HostName): Promise<void> {
  const [pid = '', ...engine] = await engineOf(lab, host);
  await asRoot(lab[host], 'kill -TERM "$1"', pid);
  const ended = await until(async () => ((await engineOf(lab, host)).length === 0 ? true : undefined), { timeoutMs: END_MS, everyMs: 200 });
  if (ended !== true) throw new Error(`the engine of ${host} did not end`);
  start(lab, host, engine);
  await engineAnswers(lab, host);
}

/** Everything on a host ends at once, what it held in memory is gone, and it starts again. */
export async function losePower(lab: Lab, host: HostName): Promise<void> {
  const [, ...engine] = await engineOf(lab, host);
  await asRoot(lab[host], POWER_LOSS, host);
  start(lab, host, SSHD);
  start(lab, host, engine);
  await engineAnswers(lab, host);
}

// Process numbers are the lab's: the hosts are told apart by their mounts, and their containers by the engine's control group.
const ENGINE = `for p in $(pgrep -x dockerd); do
  if [ "$(readlink "/proc/$p/ns/mnt")" = "$(readlink /proc/self/ns/mnt)" ]; then echo "$p"; tr '\\0' '\\n' <"/proc/$p/cmdline"; fi
done`;

const POWER_LOSS = `own=$(readlink /proc/self/ns/mnt) all=
for p in /proc/[0-9]*; do
  if grep -q "/lobsterpot-lab-[0-9a-f]*/$1/" "$p/cgroup" 2>/dev/null; then all="$all \${p#/proc/}"; continue; fi
  [ "$(readlink "$p/ns/mnt" 2>/dev/null)" = "$own" ] || continue
  case "$(cat "$p/comm" 2>/dev/null)" in dockerd | docker-proxy | containerd* | sshd*) all="$all \${p#/proc/}" ;; esac
done
kill -KILL $all 2>/dev/null
sleep 1
for at in $(cut -d ' ' -f 2 /proc/mounts | grep -E '^(/run/docker/|/var/lib/docker/(overlay2/[^/]*/merged|containers/))' | sort -r); do umount -l "$at"; done
rm -rf /run/docker /run/docker.pid /run/docker.sock
for bridge in /sys/class/net/br-* /sys/class/net/docker0; do [ ! -e "$bridge" ] || ip link delete "\${bridge##*/}"; done
for table in nat filter; do iptables -t $table -F && iptables -t $table -X; done`;

/** Its number and its words; nothing where none runs. */
async function engineOf(lab: Lab, host: HostName): Promise<readonly string[]> {
  return (await asRoot(lab[host], ENGINE)).split('\n').filter((line) => line !== '');
}

/** It ends with the lab or with this process, and keeps this process from nothing. */
function start(lab: Lab, host: HostName, argv: readonly string[]): void {
  const quiet = ['/bin/sh', '-c', 'exec "$@" </dev/null >/dev/null 2>&1', 'sh', ...argv];
  lab[host].spawn(quiet, { as: 'root', env: { PATH: PLAIN_PATH, HOME: '/' } }).unref();
}

async function engineAnswers(lab: Lab, host: HostName): Promise<void> {
  const up = await until(async () => ((await lab[host].run([DOCKER[host], 'version'], { as: 'root' })).code === 0 ? true : undefined), {
    timeoutMs: START_MS,
    everyMs: 200,
  });
  if (up !== true) throw new Error(`the engine of ${host} did not start again`);
}
