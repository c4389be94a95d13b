import type { Owner } from '../../hosts/host.ts';
import type { Limits } from '../../services/service.ts';
import { DIE_WITH_PARENT, joinGroups, limited, NO_RIGHTS, seal, type ChainMode } from './chain.ts';

/** How a command gets beside a running service, into its own namespaces. Host paths are absolute. */
export type EnterSpec = {
  readonly mode: ChainMode;
  readonly programs: string;
  readonly identity: Owner;
  readonly network: 'none' | 'outside';
  readonly limits: Limits;
  readonly groups: readonly string[];
  /** The sandbox's process 1 as the host numbers it. */
  readonly first: number;
  /** The service's launcher as the sandbox numbers it. */
  readonly launcher: number;
  readonly command: readonly string[];
};

/**
 * The argv that runs `command` in the namespaces of a running service, as its identity, without rights, under the same filter.
 * `user`: nsenter takes the outer user namespace together with the others, seal.pl the service's own.
 * `root`: the others are entered as real root, both user namespaces by seal.pl as their owner. `plain`: there is none,
 * so the filter comes first: what drops its rights unfiltered among the service's processes would be theirs.
 */
export function enterChain(spec: EnterSpec): readonly string[] {
  const { mode, identity } = spec;
  return [
    ...DIE_WITH_PARENT,
    ...joinGroups(spec.programs, spec.groups),
    'nsenter',
    '--target',
    String(spec.first),
    // Without --preserve-credentials nsenter calls setgroups, which a user namespace made by an ordinary user denies.
    ...(mode === 'user' ? ['--user', '--preserve-credentials'] : []),
    '--mount',
    '--pid',
    ...(spec.network === 'none' ? ['--net'] : []),
    '--ipc',
    '--uts',
    '--cgroup',
    ...(mode === 'plain' ? seal(2, []) : []),
    ...(mode === 'user'
      ? []
      : ['setpriv', '--reuid', String(identity.uid), '--regid', String(identity.gid), '--clear-groups', ...NO_RIGHTS]),
    // Entering a process namespace forks, and changing the user clears the signal.
    ...DIE_WITH_PARENT,
    ...limited(spec.limits),
    ...(mode === 'plain' ? [] : seal(2, userNamespaces(mode, spec.launcher))),
    ...spec.command,
  ];
}

function userNamespaces(mode: 'root' | 'user', launcher: number): readonly number[] {
  return mode === 'user' ? [launcher] : [1, launcher];
}
