import type { Owner } from '../../hosts/host.ts';
import type { Limits } from '../../services/service.ts';
import { INSIDE } from './layout.ts';

/** `root`: started by root, the service has a uid of its own; `user`: by an ordinary user; `plain`: by root on a host without user namespaces. */
export type ChainMode = 'root' | 'user' | 'plain';

/** A folder or file of the host that the service sees; `rw` never executes. */
export type Bind = { readonly access: 'ro' | 'rw'; readonly from: string; readonly to: string };

/** Everything that decides how one command is contained. Host paths are absolute. */
export type ChainSpec = {
  readonly mode: ChainMode;
  /** Host folder of stage0.sh .. launcher.mjs. */
  readonly programs: string;
  /** Host folder, empty, on which the new root is mounted. */
  readonly mountPoint: string;
  readonly identity: Owner;
  readonly hostname: string;
  readonly network: 'none' | 'outside';
  readonly binds: readonly Bind[];
  readonly limits: Limits;
  /** The highest descriptor that the command keeps. */
  readonly keep: number;
  /** `cgroup.procs` files of the control groups to join first; empty: none are used. */
  readonly groups: readonly string[];
  readonly command: readonly string[];
};

export const DIE_WITH_PARENT = ['setpriv', '--pdeathsig', 'KILL'] as const;
export const NO_RIGHTS = ['--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all', '--no-new-privs'] as const;

/** The argv that runs `command` contained: namespaces, then a file system of its own, then no rights, limits and the filter. Pure. */
export function chain(spec: ChainSpec): readonly string[] {
  const { mode, identity, limits } = spec;
  return [
    ...DIE_WITH_PARENT,
    ...joinGroups(spec.programs, spec.groups),
    'unshare',
    ...(mode === 'user' ? ['--user', '--map-root-user'] : []),
    '--mount',
    '--pid',
    ...(spec.network === 'none' ? ['--net'] : []),
    '--ipc',
    '--uts',
    '--cgroup',
    '--fork',
    '--kill-child=KILL',
    '--propagation',
    'private',
    '/bin/sh',
    `${spec.programs}/stage1.sh`,
    mode,
    spec.mountPoint,
    ...ids(identity),
    spec.hostname,
    spec.network,
    String(limits.tmpMiB),
    ...spec.binds.flatMap((bind) => [bind.access, bind.from, bind.to]),
    'ro',
    spec.programs,
    INSIDE.programs,
    '--',
    ...limited(limits),
    ...seal(spec.keep, []),
    // Process 1 has the service's number here, so it gets neither more calls nor higher limits than the service.
    ...(mode === 'plain' ? ['/bin/sh', `${INSIDE.programs}/stage2.sh`, 'plain', ...ids(identity)] : []),
    ...spec.command,
  ];
}

/** The resource limits of what follows. */
export function limited(limits: Limits): readonly string[] {
  return ['prlimit', `--nproc=${limits.processes}`, `--nofile=${limits.openFiles}`, `--fsize=${limits.fileMiB * 1024 ** 2}`, '--core=0'];
}

/**
 * Closes every descriptor above `keep` and loads the filter for what follows; `enter` names processes whose user namespace is stepped into first.
 * A process that has the service's number and is not behind a user namespace must come after it, or the service takes it over (/proc/PID/mem).
 */
export function seal(keep: number, enter: readonly number[]): readonly string[] {
  return [
    'perl',
    `${INSIDE.programs}/seal.pl`,
    `${INSIDE.programs}/filter.txt`,
    String(keep),
    ...enter.flatMap((pid) => ['--enter', String(pid)]),
    '--',
  ];
}

/** Joins control groups before anything else, so that the cgroup namespace begins there. */
export function joinGroups(programs: string, groups: readonly string[]): readonly string[] {
  return groups.length === 0 ? [] : ['/bin/sh', `${programs}/stage0.sh`, ...groups, '--'];
}

function ids({ uid, gid }: Owner): readonly string[] {
  return [String(uid), String(gid)];
}
