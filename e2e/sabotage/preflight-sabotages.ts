import { judgePreflight } from '../../src/checks/preflight/judge-preflight.ts';
import type { PreflightReadings } from '../../src/checks/preflight/judge-preflight.ts';
import { unanswered } from '../../src/checks/preflight/host/examine-host.ts';
import { HOST_CHECKS } from '../../src/checks/preflight/host/all-host-checks.ts';
import { judgeHost } from '../../src/checks/preflight/host/host-check.ts';
import { GOOD_SEEN } from '../../src/checks/preflight/testing/good-hosts.ts';
import { SPOILT_HOSTS, type SpoiltHost } from '../../src/checks/preflight/testing/spoilt-hosts.ts';
import { judgeVersion } from '../../src/checks/gateway/node-checks.ts';
import { Problem } from '../../src/core/problem.ts';
import type { HostFacts } from '../../src/hosts/host.ts';

const TOOLS = Object.fromEntries(['unshare', 'nsenter', 'setpriv', 'prlimit', 'mount', 'perl'].map((tool) => [tool, `/usr/bin/${tool}`]));

/** A host on which everything is well. */
export const GOOD_HOST: HostFacts = {
  platform: 'linux',
  arch: 'x64',
  kernel: '6.1.0',
  uid: 0,
  gid: 0,
  user: 'root',
  memoryMiB: 8192,
  freeDiskMiB: 50_000,
  tools: TOOLS,
};

export const GOOD_READINGS: PreflightReadings = {
  containment: 'full',
  chain: { ok: true },
  ports: [{ port: 18_789, service: 'gateway-main', free: true }],
  runtimeInstalled: false,
  roles: ['gate', 'gateway', 'node'],
  root: '/var/lib/pot',
  rootState: { kind: 'directory', mode: 0o40700, owner: { uid: 0, gid: 0 } },
  uids: new Map([['gateway-main', 40_001]]),
  passwd: 'root:x:0:0:root:/root:/bin/sh\n',
};

/** A host that is not as it has to be, and the one check that has to say so. No deployment is needed to see it. */
export type PreflightSabotage = {
  readonly name: string;
  readonly finds: string;
  readonly facts?: Partial<HostFacts>;
  readonly readings?: Partial<PreflightReadings>;
  /** One that is judged from a single reading of the host. */
  readonly spoilt?: SpoiltHost;
};

const PROCESS_SABOTAGES: readonly PreflightSabotage[] = [
  { name: 'another platform', finds: 'preflight.platform', facts: { platform: 'darwin' } },
  {
    name: 'a program is missing',
    finds: 'preflight.tools',
    facts: { tools: Object.fromEntries(Object.entries(TOOLS).filter(([tool]) => tool !== 'perl')) },
  },
  {
    name: 'user namespaces are refused',
    finds: 'preflight.containment',
    readings: {
      chain: { ok: false, step: 'user namespace', cause: 'none is allowed', fix: 'sudo sysctl -w user.max_user_namespaces=15000' },
    },
  },
  {
    name: 'another program has the port',
    finds: 'preflight.ports',
    readings: { ports: [{ port: 18_789, service: 'gateway-main', free: false }] },
  },
  { name: 'the disk is full', finds: 'preflight.disk', facts: { freeDiskMiB: 100 } },
  { name: 'a small machine', finds: 'preflight.memory', facts: { memoryMiB: 900 } },
  {
    name: 'the folder belongs to another user',
    finds: 'preflight.state-folder',
    readings: { rootState: { kind: 'directory', mode: 0o40700, owner: { uid: 1000, gid: 1000 } } },
  },
  {
    name: 'a user has the number of a service',
    finds: 'preflight.identities',
    readings: { passwd: 'bob:x:40001:40001::/home/bob:/bin/sh\n' },
  },
];

const tried = new Set(PROCESS_SABOTAGES.map(({ finds }) => finds));

export const PREFLIGHT_SABOTAGES: readonly PreflightSabotage[] = [
  ...PROCESS_SABOTAGES,
  ...SPOILT_HOSTS.filter(({ finds }) => !tried.has(finds)).map((spoilt) => ({ name: spoilt.name, finds: spoilt.finds, spoilt })),
];

/** The ids that fail on a host with this change. */
export function failingOn(sabotage: Omit<PreflightSabotage, 'name' | 'finds'>): readonly string[] {
  if (sabotage.spoilt) return failingOnSpoilt(sabotage.spoilt);
  return judgePreflight({ ...GOOD_HOST, ...sabotage.facts }, { ...GOOD_READINGS, ...sabotage.readings })
    .filter(({ status }) => status !== 'pass')
    .map(({ checkId }) => checkId);
}

function failingOnSpoilt({ spoil, on, also }: SpoiltHost): readonly string[] {
  return judgeHost(HOST_CHECKS, spoil(GOOD_SEEN[on]))
    .filter(({ status, checkId }) => status !== 'pass' && !also.includes(checkId))
    .map(({ checkId }) => checkId);
}

const SILENCE = new Problem('hosts/ssh-unreachable', 'host nas does not answer', { cause: 'no route to host', fix: 'is it on?' });

/** What is judged from the file alone, or from silence. */
export const FILE_SABOTAGES = [
  { name: 'the host does not answer', finds: 'preflight.reachable', isFound: () => unanswered('nas', SILENCE).status === 'fail' },
  { name: 'an old version is asked for', finds: 'openclaw.version', isFound: () => judgeVersion('2026.1.1').status === 'fail' },
] as const;
