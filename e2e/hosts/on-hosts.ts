import type { Place } from '../../lab/place.ts';
import type { HostsStage } from './stage.ts';

/** The lab's machines that are hosts of the deployment file. */
export const HOSTS = ['mac', 'nas'] as const;

export type HostName = (typeof HOSTS)[number];

/** Where each has its docker. */
export const DOCKER = { mac: '/usr/bin/docker', nas: '/usr/local/bin/docker' } as const satisfies Readonly<Record<HostName, string>>;

/** Runs a script as root of a place and gives what it said; a bad end is an error. */
export async function asRoot(place: Place, script: string, ...args: readonly string[]): Promise<string> {
  const ended = await place.run(['/bin/sh', '-c', script, 'sh', ...args], { as: 'root' });
  if (ended.code !== 0) throw new Error(`${place.name}: ${script}: ${ended.stderr}`);
  return ended.stdout.trim();
}

/** The name of the deployment in the stage's file. */
export function nameOf(stage: HostsStage): string {
  return /^name: (\S+)$/m.exec(stage.text())?.[1] ?? '';
}

/** `host service` of every container but what looks at the files -> its state and when it was started. */
export async function containersOf(stage: HostsStage): Promise<ReadonlyMap<string, string>> {
  const prefix = `/lobsterpot-${nameOf(stage)}-`;
  const told = HOSTS.map(async (host) => {
    const script = `"$1" inspect --format '{{.Name}} {{.State.Status}} {{.State.StartedAt}}' $("$1" ps --all --quiet) | grep -v -- '-look exited '`;
    const lines = (await asRoot(stage.lab[host], script, DOCKER[host])).split('\n');
    return lines.map((line): readonly [string, string] => {
      const [name = '', ...state] = line.split(' ');
      return [`${host} ${name.startsWith(prefix) ? name.slice(prefix.length) : name}`, state.join(' ')];
    });
  });
  return new Map((await Promise.all(told)).flat());
}

/** A signal, from outside, to the programs of a container (`host service`) whose command line holds that text: SIGKILL is what the kernel does when memory is short. */
export function signalInside(stage: HostsStage, at: `${HostName} ${string}`, signal: 'KILL' | 'STOP', text: string): Promise<string> {
  const host = at.startsWith('mac ') ? 'mac' : 'nas';
  const script = `init=$("$1" inspect --format '{{.State.Pid}}' "$2") && own=$(readlink "/proc/$init/ns/mnt") && all=
for p in /proc/[0-9]*; do
  [ "$(readlink "$p/ns/mnt" 2>/dev/null)" = "$own" ] || continue
  case "$(cat "$p/cmdline" 2>/dev/null | tr '\\0' ' ')" in *"$3"*) all="$all \${p#/proc/}" ;; esac
done
[ -n "$all" ] || { echo "no $3 in $2" >&2; exit 1; }
kill "-$4" $all`;
  return asRoot(stage.lab[host], script, DOCKER[host], `lobsterpot-${nameOf(stage)}-${at.slice(4)}`, text, signal);
}
