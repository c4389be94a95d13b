import { randomBytes } from 'node:crypto';
import { readlink } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type { Finding } from '../core/finding.ts';
import { orUnknown } from './catalogue/judgement.ts';
import { checkGateways, NO_STRANGER, NODE_ENROLLED, VERSION } from './gateway/node-checks.ts';
import { checkApart } from './host/apart.ts';
import type { Standing } from './host/apart.ts';
import { checkExposure, LOOPBACK_ONLY, NEEDS_TOKEN } from './host/exposure.ts';
import { checkFileModes, SECRET_FILES, STATE_FOLDERS } from './host/file-modes.ts';
import { checkLeaks, LOG_BOUNDS, SECRETS_IN_FILES, SECRETS_IN_PROCESSES } from './host/leaks.ts';
import { checkRecorded } from './host/recorded.ts';
import { PROBES } from './probes/all-probes.ts';
import { withHostCanary } from './probes/host-canary.ts';
import { judgeService } from './probes/judge-service.ts';
import { allowedName } from './probes/policy-oracle.ts';
import { runInside } from './probes/run-inside.ts';
import { secretProbe } from './probes/secret-probe.ts';
import { defaultTargets, gatePort } from './probes/subject.ts';
import type { HostCanary, Subject } from './probes/subject.ts';
import type { ProofInput } from './proof-input.ts';
import { tryWithoutGate } from './recovery/gate-trials.ts';

/**
 * The proof: what could the agent reach if it turned hostile now? Tries it from inside every running service, reads the host's
 * files, processes and ports, and asks the gateways. Throws nothing: what could not be tried is `unknown`.
 */
export async function prove(input: ProofInput): Promise<readonly Finding[]> {
  const startedMs = Date.now();
  const hostAddresses = ownAddresses();
  const [inside, host] = await Promise.all([
    withHostCanary((canary) => insideAll(input, hostAddresses, canary)),
    Promise.all([
      orUnknown([SECRET_FILES, STATE_FOLDERS], checkFileModes(input, process.getuid?.() ?? 0)),
      orUnknown([SECRETS_IN_FILES, SECRETS_IN_PROCESSES, LOG_BOUNDS], checkLeaks(input)),
      orUnknown([LOOPBACK_ONLY, NEEDS_TOKEN], checkExposure(input, hostAddresses)),
      orUnknown([NODE_ENROLLED, NO_STRANGER, VERSION], checkGateways(input)),
    ]),
  ]);
  const clients = inside.subjects
    .filter((subject) => gatePort(subject) !== undefined)
    .map((subject) => ({ subject, name: allowedName(subject) }))
    .map(({ subject, name }) => ({
      client: subject.service.name,
      canary: subject.canary,
      ...(name === undefined ? {} : { allowedName: name }),
    }));
  const recorded = await checkRecorded(input, clients, startedMs);
  // Last, because it takes away what the others need.
  const recovery = input.disruptive ? await tryWithoutGate(input, inside.subjects) : [];
  return [...inside.findings, ...checkApart(inside.standings), ...host.flat(), ...recorded, ...recovery];
}

async function insideAll(
  input: ProofInput,
  hostAddresses: readonly string[],
  hostCanary: HostCanary | undefined,
): Promise<{ readonly subjects: readonly Subject[]; readonly standings: readonly Standing[]; readonly findings: readonly Finding[] }> {
  const hostNamespaces = await ownNamespaces();
  const secrets = new Map([...input.secrets].map(([name, secret]) => [name, secretProbe(secret)]));
  const subjects = input.services.map((service): Subject => ({
    service,
    allServices: input.services,
    root: input.root,
    policy: input.policy,
    ...(input.deployment.ca === undefined ? {} : { ca: input.deployment.ca }),
    targets: { ...defaultTargets(hostAddresses), ...input.targets },
    hostAddresses,
    ...(hostCanary ? { hostCanary } : {}),
    hostNamespaces,
    uid: input.uidOf(service.name),
    canary: `lp${randomBytes(6).toString('hex')}`,
    nowMs: Date.now(),
    secrets,
  }));
  const tried = await Promise.all(subjects.map(async (subject) => ({ subject, results: await runInside(input.runtime, PROBES, subject) })));
  return {
    subjects,
    findings: tried.flatMap(({ subject, results }) => judgeService(PROBES, subject, results)),
    standings: tried.map(({ subject: { service }, results }) => ({
      service: service.name,
      network: service.network,
      namespaces: typeof results === 'string' ? undefined : results.get('host.namespaces#processes')?.self?.namespaces,
    })),
  };
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80'))
    .map(({ address }) => address);
}

async function ownNamespaces(): Promise<Readonly<Record<string, string>>> {
  const kinds = ['net', 'mnt', 'pid', 'ipc', 'uts', 'user', 'cgroup'];
  return Object.fromEntries(
    await Promise.all(kinds.map(async (kind) => [kind, await readlink(`/proc/self/ns/${kind}`).catch(() => '')] as const)),
  );
}
