import { randomBytes } from 'node:crypto';
import type { Finding } from '../core/finding.ts';
import { orUnknown } from './catalogue/judgement.ts';
import { checkDocker, DOCKER_CHECKS } from './docker/check-docker.ts';
import { plannedContainers, surroundingsOf, type PlannedContainers } from './docker/planned.ts';
import { checkGateways, NO_STRANGER, NODE_ENROLLED, VERSION } from './gateway/node-checks.ts';
import { checkApart } from './host/apart.ts';
import type { Standing } from './host/apart.ts';
import { checkDisk, DISK_SPACE, DISK_WATCHED } from './host/disk.ts';
import { checkExposure, LOOPBACK_ONLY, NEEDS_TOKEN } from './host/exposure.ts';
import { checkFileModes, SECRET_FILES, STATE_FOLDERS } from './host/file-modes.ts';
import { readHostView, type HostView } from './host/host-view.ts';
import { checkLeaks, LOG_BOUNDS, SECRETS_IN_FILES, SECRETS_IN_PROCESSES } from './host/leaks.ts';
import { checkRecorded } from './host/recorded.ts';
import { checkLinks, LINK_CHECKS } from './links/link-checks.ts';
import { PROBES } from './probes/all-probes.ts';
import { withHostCanary } from './probes/host-canary.ts';
import { judgeService } from './probes/judge-service.ts';
import { sinkholeAnswered } from './probes/name-probes.ts';
import { allowedName } from './probes/policy-oracle.ts';
import { runInside } from './probes/run-inside.ts';
import { secretProbe } from './probes/secret-probe.ts';
import { defaultTargets, gatePort, NO_SURROUNDINGS } from './probes/subject.ts';
import type { HostCanary, Subject } from './probes/subject.ts';
import { dockerTraits, PROCESS_TRAITS } from './probes/traits.ts';
import type { ProofInput } from './proof-input.ts';
import { tryWithoutGate } from './recovery/gate-trials.ts';

const NOTHING_SEEN: HostView = { addresses: [], namespaces: {}, ports: [], loopbackPorts: [] };

/**
 * The proof: what could the agent reach if it turned hostile now? Tries it from inside every running service, reads the host's
 * files, processes and ports, and asks the gateways. Throws nothing: what could not be tried is `unknown`.
 */
export async function prove(input: ProofInput): Promise<readonly Finding[]> {
  const startedMs = Date.now();
  // Without it the checks that compare with the host are unknown by themselves.
  const view = await readHostView(input.machine).catch(() => NOTHING_SEEN);
  const planned = input.docker ? plannedContainers(input.runtime.render(input.services)) : undefined;
  const [inside, host] = await Promise.all([
    withCanary(input, (canary) => insideAll(input, view, planned, canary)),
    Promise.all([
      orUnknown([SECRET_FILES, STATE_FOLDERS], checkFileModes(input)),
      orUnknown([SECRETS_IN_FILES, SECRETS_IN_PROCESSES, ...(input.docker ? [] : [LOG_BOUNDS])], checkLeaks(input)),
      orUnknown([DISK_WATCHED, DISK_SPACE], checkDisk(input)),
      orUnknown([LOOPBACK_ONLY, NEEDS_TOKEN], checkExposure(input, view)),
      orUnknown([NODE_ENROLLED, NO_STRANGER, VERSION], checkGateways(input)),
      orUnknown(planned ? DOCKER_CHECKS : [], planned ? checkDocker(input, planned) : Promise.resolve([])),
    ]),
  ]);
  // After what is tried inside: their programs run in the link's service too.
  const links = await orUnknown(LINK_CHECKS, checkLinks(input));
  const clients = inside.subjects
    // Of one that could not try anything there is nothing to be recorded.
    .filter((subject) => gatePort(subject) !== undefined && inside.heard.has(subject.service.name))
    .map((subject) => ({ subject, name: allowedName(subject) }))
    .map(({ subject, name }) => ({
      client: subject.service.name,
      canary: subject.canary,
      resolverAnswered: inside.answered.has(subject.service.name),
      ...(name === undefined ? {} : { allowedName: name }),
    }));
  const recorded = await checkRecorded(input, clients, startedMs);
  // Last, because it takes away what the others need.
  const recovery = input.disruptive ? await tryWithoutGate(input, inside.subjects) : [];
  return [...inside.findings, ...checkApart(inside.standings), ...host.flat(), ...links, ...recorded, ...recovery];
}

/** Only on the machine that the proof runs on can it listen; on another one the host's own listeners are what is tried. */
async function withCanary<T>({ isLocal, kind }: ProofInput, use: (canary: HostCanary | undefined) => Promise<T>): Promise<T> {
  return isLocal ? withHostCanary(kind === 'docker' ? '0.0.0.0' : '127.0.0.1', use) : use(undefined);
}

async function insideAll(
  input: ProofInput,
  view: HostView,
  planned: PlannedContainers | undefined,
  hostCanary: HostCanary | undefined,
): Promise<{
  readonly subjects: readonly Subject[];
  /** Names of those that reported. */
  readonly heard: ReadonlySet<string>;
  /** Of these: whose own resolver said no. */
  readonly answered: ReadonlySet<string>;
  readonly standings: readonly Standing[];
  readonly findings: readonly Finding[];
}> {
  const secrets = new Map([...input.secrets].map(([name, secret]) => [name, secretProbe(secret)]));
  const traits = input.docker ? dockerTraits(input.docker.traits) : PROCESS_TRAITS;
  const subjects = input.services.map((service): Subject => ({
    service,
    allServices: input.services,
    root: input.root,
    policy: input.policy,
    ...(input.deployment.ca === undefined ? {} : { ca: input.deployment.ca }),
    targets: { ...defaultTargets(view.addresses), ...input.targets },
    traits,
    surroundings: planned ? surroundingsOf(service.name, planned) : NO_SURROUNDINGS,
    hostAddresses: view.addresses,
    hostPorts: view.ports,
    otherHosts: input.otherHosts,
    ...(hostCanary ? { hostCanary } : {}),
    hostNamespaces: view.namespaces,
    uid: input.uidOf(service.name),
    canary: `lp${randomBytes(6).toString('hex')}`,
    nowMs: Date.now(),
    secrets,
  }));
  const tried = await Promise.all(subjects.map(async (subject) => ({ subject, results: await runInside(input.runtime, PROBES, subject) })));
  return {
    subjects,
    answered: new Set(
      tried.flatMap(({ subject, results }) => (typeof results !== 'string' && sinkholeAnswered(results) ? [subject.service.name] : [])),
    ),
    heard: new Set(tried.flatMap(({ subject, results }) => (typeof results === 'string' ? [] : [subject.service.name]))),
    findings: tried.flatMap(({ subject, results }) => judgeService(PROBES, subject, results)),
    standings: tried.map(({ subject: { service }, results }) => ({
      service: service.name,
      kinds: [...traits.ownNamespaces.all, ...(service.network === 'none' ? traits.ownNamespaces.closed : [])],
      namespaces: typeof results === 'string' ? undefined : results.get('host.namespaces#processes')?.self?.namespaces,
    })),
  };
}
