import * as z from 'zod/mini';

import { plainText } from '../../core/plain-text.ts';
import type { RunResult } from '../../hosts/host.ts';
import type { DiskReport, ServiceState } from '../runtime.ts';
import { containerDrift } from './container-drift.ts';
import { parseSettings } from './container-settings.ts';
import { ASK_MS, callDocker, type DockerEngine } from './engine.ts';
import { HEALTH_TEST } from './compose.ts';
import { parseDiskReport } from './disk-report.ts';
import { fileInside } from './file-inside.ts';
import { imageVariables } from './image.ts';
import type { KnownSpecs } from './known-specs.ts';
import { INSIDE, LABELS } from './layout.ts';
import type { Spec } from './spec.ts';

const inspected = z.object({
  Id: z.string(),
  State: z.object({
    Status: z.string(),
    Pid: z.number(),
    ExitCode: z.number(),
    OOMKilled: z.boolean(),
    Error: z.string(),
    StartedAt: z.string(),
    Health: z.optional(
      z.nullable(
        z.object({
          Status: z.string(),
          FailingStreak: z.optional(z.number()),
          Log: z.optional(z.nullable(z.array(z.object({ Output: z.string() })))),
        }),
      ),
    ),
  }),
  RestartCount: z.number(),
  HostConfig: z.object({ RestartPolicy: z.optional(z.object({ Name: z.string() })) }),
  NetworkSettings: z.object({ Networks: z.nullable(z.record(z.string(), z.unknown())) }),
  Config: z.object({ Labels: z.nullable(z.record(z.string(), z.string())) }),
});

/** What `docker inspect` says of one container, as far as it is read. */
export type InspectedContainer = z.infer<typeof inspected>;

/** The state of every service whose container is listed, sorted by name. */
export async function observeContainers(
  engine: DockerEngine,
  listing: Promise<readonly unknown[]>,
  made?: { readonly image: string; readonly specs: KnownSpecs },
): Promise<readonly ServiceState[]> {
  const [listed, imageEnv] = await Promise.all([listing, made && imageVariables(engine, made.image)]);
  const found = await Promise.all(
    listed.map(async (told) => {
      const container = inspected.parse(told);
      const state = made
        ? withSettings(stateOf(container), told, await specOf(engine, container, made.specs), imageEnv)
        : stateOf(container);
      // The engine asks seldom; where its last answer is no good one, it is asked here.
      return state.state === 'starting' || state.state === 'unhealthy' ? asked(state, await askReady(engine, container.Id)) : state;
    }),
  );
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a container was made from: known already, or as it lies there, where the engine reads it at once. */
async function specOf(engine: DockerEngine, { Id, Config }: InspectedContainer, specs: KnownSpecs): Promise<Spec | undefined> {
  const [digest, service, api] = [Config.Labels?.[LABELS.spec], Config.Labels?.[LABELS.service], engine.quick?.api];
  if (specs.of(digest) === undefined && service !== undefined && api?.isOpen() === true) {
    const text = await fileInside(api, Id, INSIDE.spec).catch(() => undefined);
    if (text !== undefined) specs.learn(service, text);
  }
  return specs.of(digest);
}

/** A state with what somebody changed when it made the container anew; what it was made from must be known for that. */
export function withSettings(state: ServiceState, told: unknown, spec: Spec | undefined, imageEnv?: readonly string[]): ServiceState {
  if (state.drift !== undefined) return state;
  if (!spec) return { ...state, unchecked: 'the specification that it was made from is not known' };
  const settings = parseSettings(told);
  if (!settings) return { ...state, unchecked: 'docker does not tell how it is set up' };
  const drift = containerDrift(settings, spec, imageEnv);
  return drift === undefined ? state : { ...state, drift };
}

function askReady(engine: DockerEngine, id: string): Promise<RunResult> {
  return callDocker(engine, ['exec', id, '/bin/sh', '-c', HEALTH_TEST], { timeoutMs: ASK_MS });
}

/** A state with what the health test said just now. */
function asked(state: ServiceState, { code, stdout }: Pick<RunResult, 'code' | 'stdout'>): ServiceState {
  const now = withDisk(state, parseDiskReport(stdout));
  if (code !== 0 || now.disk?.held !== undefined) return now;
  const { lastError: _past, ...well } = now;
  return { ...well, state: 'healthy' };
}

/** Whoever is held back by the watch over its folder is known to be ended before the engine's own count is full. */
function withDisk(state: ServiceState, disk: DiskReport | undefined): ServiceState {
  if (!disk) return state;
  return disk.held === undefined ? { ...state, disk } : { ...state, disk, state: 'unhealthy', lastError: disk.held };
}

/** One container as a service's state. Pure. */
export function stateOf(container: InspectedContainer): ServiceState {
  const { State, Config, RestartCount } = container;
  const spec = Config.Labels?.[LABELS.spec];
  const since = Date.parse(State.StartedAt);
  const state = phaseOf(container);
  const drift = driftOf(container);
  const error = state === 'healthy' || state === 'starting' ? undefined : lastError(container);
  const told: ServiceState = {
    name: Config.Labels?.[LABELS.service] ?? '',
    state,
    restarts: RestartCount,
    ...(spec === undefined || spec === '' ? {} : { spec }),
    ...(State.Pid > 0 ? { pid: State.Pid } : {}),
    // Docker gives the year 1 for what never ran.
    ...(since > 0 ? { sinceMs: since } : {}),
    ...(drift === undefined ? {} : { drift }),
    ...(error === undefined ? {} : { lastError: error }),
  };
  return State.Status === 'running' ? withDisk(told, parseDiskReport(State.Health?.Log?.at(-1)?.Output ?? '')) : told;
}

/** What can be changed on a container without making it anew, and matters: the networks it is in, and whether it comes back. */
function driftOf({ Config, NetworkSettings, HostConfig }: InspectedContainer): string | undefined {
  const planned = Config.Labels?.[LABELS.networks];
  const wanted = new Set(planned?.split(' '));
  const present = Object.keys(NetworkSettings.Networks ?? {});
  const extra = present.filter((one) => !wanted.has(one));
  const missing = [...wanted].filter((one) => !present.includes(one));
  if (planned !== undefined && extra.length > 0) return `somebody put it into the network ${plainText(extra.join(', '), 200)}`;
  if (planned !== undefined && missing.length > 0) return `somebody took it out of the network ${missing.join(', ')}`;
  const policy = HostConfig.RestartPolicy?.Name;
  return policy === 'always' ? undefined : `its restart policy is ${policy ?? 'none'} and not always`;
}

function phaseOf({ State }: InspectedContainer): ServiceState['state'] {
  switch (State.Status) {
    case 'running':
      return runningPhase(State.Health);
    case 'restarting':
      return 'backing-off';
    case 'paused':
    case 'removing':
      return 'unhealthy';
    default:
      return 'stopped';
  }
}

/** The engine calls healthy what failed its test once: where it did, it is asked directly. */
function runningPhase(health: InspectedContainer['State']['Health']): ServiceState['state'] {
  if (health?.Status === 'healthy') return (health.FailingStreak ?? 0) > 0 ? 'unhealthy' : 'healthy';
  return health?.Status === 'unhealthy' ? 'unhealthy' : 'starting';
}

function lastError({ State }: InspectedContainer): string | undefined {
  if (State.OOMKilled) return 'it used more memory than its limit and was killed';
  if (State.Error !== '') return plainText(State.Error, 500);
  if (State.Status === 'paused') return 'it was paused by hand';
  if (State.Status === 'running') return 'it is not ready, or does not answer any more';
  return State.ExitCode === 0 ? undefined : `it ended with exit code ${State.ExitCode}`;
}
