import type { Finding } from '../../core/finding.ts';
import type { FileState, HostFacts } from '../../hosts/host.ts';
import type { Service } from '../../services/service.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { fail, failIfAny, findingOf, pass, unknown } from '../catalogue/judgement.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import { CHAIN, DISK, IDENTITIES, MEMORY, PLATFORM, PORTS, STATE_OWNER, TOOLS } from './preflight-checks.ts';

/** What was read from a host, beside its facts. */
export type PreflightReadings = {
  readonly containment: 'full' | 'none';
  /** undefined: not tried. */
  readonly chain?: { readonly ok: true } | { readonly ok: false; readonly step: string; readonly cause: string; readonly fix: string };
  /** Published ports, but for those that this deployment's own running services hold. */
  readonly ports: readonly { readonly port: number; readonly service: string; readonly free: boolean }[];
  readonly runtimeInstalled: boolean;
  readonly roles: readonly Service['role'][];
  readonly root: string;
  readonly rootState: FileState;
  /** Numbers of the services, by name. */
  readonly uids: ReadonlyMap<string, number>;
  /** Text of /etc/passwd; undefined: not readable. */
  readonly passwd?: string;
};

/** util-linux and perl-base: on Debian and Ubuntu both are always installed. */
const NEEDED: Readonly<Record<string, string>> = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  prlimit: 'util-linux',
  mount: 'mount',
  perl: 'perl-base',
};
/** An installed OpenClaw has about 1 GiB, and is unpacked beside its download. */
const DISK_TO_INSTALL_MIB = 2560;
const DISK_TO_RUN_MIB = 256;
/** Measured at rest; below it OpenClaw is killed sooner or later. */
export const FLOOR_MIB = { gate: 64, gateway: 1024, node: 768, ingress: 40, link: 16 } as const;

/** Judges what was read, without asking the host anything more. */
export function judgePreflight(facts: HostFacts, readings: PreflightReadings, host = 'this-machine'): readonly Finding[] {
  const tell = (check: CheckInfo, judged: Judgement, fix: string): Finding => findingOf(check, host, judged, fix);
  const linux = facts.platform === 'linux' && facts.arch !== 'other';
  const missing = Object.keys(NEEDED).filter((tool) => facts.tools[tool] === undefined);
  const packages = [...new Set(missing.map((tool) => NEEDED[tool] ?? tool))].join(' ');
  const contained = readings.containment === 'full';
  const taken = readings.ports.filter(({ free }) => !free);
  const need = readings.runtimeInstalled ? DISK_TO_RUN_MIB : DISK_TO_INSTALL_MIB;
  const floor = readings.roles.reduce((sum, role) => sum + FLOOR_MIB[role], 0);
  return [
    tell(
      PLATFORM,
      linux
        ? pass(`${facts.platform} ${facts.arch}, kernel ${facts.kernel}`)
        : fail(`${facts.platform} on ${facts.arch} is not supported yet`),
      'use a Linux host (x86-64 or arm64)',
    ),
    ...(contained && linux
      ? [
          tell(
            TOOLS,
            failIfAny(
              missing.map((tool) => `${tool} is missing`),
              'all there',
            ),
            `sudo apt-get install ${packages}`,
          ),
          tell(CHAIN, judgeChain(readings.chain), chainFix(readings.chain)),
        ]
      : []),
    tell(
      PORTS,
      failIfAny(
        taken.map(({ port, service }) => `port ${port} of ${service} is in use by another program`),
        `${readings.ports.length} free`,
      ),
      `give it another port in lobsterpot.yaml, or end the other program (ss -ltnp 'sport = :${taken[0]?.port ?? 0}')`,
    ),
    tell(
      DISK,
      facts.freeDiskMiB >= need ? pass(`${facts.freeDiskMiB} MiB free`) : fail(`${facts.freeDiskMiB} MiB free, ${need} MiB needed`),
      'make room, or set XDG_DATA_HOME to a folder on another disk',
    ),
    tell(
      MEMORY,
      facts.memoryMiB >= floor
        ? pass(`${facts.memoryMiB} MiB`)
        : fail(`${facts.memoryMiB} MiB, and the services need ${floor} MiB at least`),
      'put a node or a gateway on another host',
    ),
    tell(STATE_OWNER, judgeFolder(readings.rootState, facts.uid), `sudo chown ${facts.uid} ${readings.root} && chmod 700 ${readings.root}`),
    ...(facts.uid === 0
      ? [tell(IDENTITIES, judgeIdentities(readings), 'rename the gateway or node in lobsterpot.yaml: its number follows from its name')]
      : []),
  ];
}

function judgeChain(chain: PreflightReadings['chain']): Judgement {
  if (!chain) return unknown('not tried');
  return chain.ok ? pass('every step works') : fail(`${chain.step}: ${chain.cause}`);
}

function chainFix(chain: PreflightReadings['chain']): string {
  return chain && !chain.ok ? chain.fix : '';
}

function judgeFolder(state: FileState, uid: number): Judgement {
  switch (state.kind) {
    case 'absent':
      return pass('it will be made');
    case 'directory': {
      const open = state.mode & 0o066;
      return failIfAny(
        [
          ...(state.owner.uid === uid ? [] : [`it belongs to uid ${state.owner.uid}`]),
          ...(open === 0 ? [] : [`others may read or write it (mode ${(state.mode & 0o777).toString(8)})`]),
        ],
        'ours alone',
      );
    }
    case 'file':
    case 'other':
      return fail('it is not a folder');
  }
}

function judgeIdentities({ uids, passwd }: PreflightReadings): Judgement {
  if (passwd === undefined) return unknown('/etc/passwd could not be read');
  const users = new Map(
    passwd
      .split('\n')
      .map((line) => line.split(':'))
      .map((fields) => [Number(fields[2] ?? 'NaN'), fields[0] ?? '']),
  );
  const shared = [...uids]
    .filter(([, uid]) => users.has(uid))
    .map(([service, uid]) => `${service} would be user ${users.get(uid)} (${uid})`);
  return failIfAny(shared, `${uids.size} numbers, all unused`);
}
