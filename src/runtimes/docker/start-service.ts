import { join } from 'node:path';

import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import { until } from '../../core/wait.ts';
import type { Place, ServiceState } from '../runtime.ts';
import { observeContainers } from './containers.ts';
import { listContainers } from './list-containers.ts';
import { callDocker, mustCompose, ASK_MS, type DockerEngine } from './engine.ts';
import { containerName, LAYOUT, projectName } from './layout.ts';

/** Of making and starting a container; the image is on the host by then. */
const UP_MS = 120_000;
const EXTRA_MS = 10_000;
const ASK_EVERY_MS = 300;
const LAST_LINES = 8;

/** Compose's words for the deployment's project. */
export function composeArgs(place: Place): readonly string[] {
  return ['-p', projectName(place.deployment), '-f', join(place.root, LAYOUT.compose)];
}

/**
 * Makes a service's container anew and waits for its health; `onStep` hears each new state. A service that ends, or is not healthy
 * in time, is a Problem with the last lines of its log.
 */
export async function startService(
  engine: DockerEngine,
  place: Place,
  name: string,
  limitMs: number,
  onStep?: (name: string, state: ServiceState) => void,
): Promise<void> {
  // Anew each time: what is asked to start again has other files or secrets, which Compose does not compare.
  const up = [...composeArgs(place), 'up', '-d', '--no-deps', '--no-build', '--force-recreate', name];
  await mustCompose(engine, up, `start ${name}`, { timeoutMs: UP_MS });
  let shown: ServiceState['state'] | undefined;
  const settled = await until(
    async () => {
      const found = (await observeContainers(engine, listContainers(engine, place.deployment))).find((one) => one.name === name);
      const state = found ?? { name, state: 'absent' as const };
      if (state.state !== shown) onStep?.(name, state);
      shown = state.state;
      // The first end of a fresh container is told at once, whatever Docker tries then.
      return shown === 'starting' && (state.restarts ?? 0) === 0 ? undefined : state;
    },
    { timeoutMs: limitMs + EXTRA_MS, everyMs: ASK_EVERY_MS },
  );
  if (settled?.state === 'healthy') return;
  throw await unhealthy(engine, place, name, settled, limitMs);
}

/** The last lines of a service's log, cleaned; stdout and stderr in the order in which Docker keeps them apart. */
export async function lastLines(engine: DockerEngine, container: string, lines: number): Promise<readonly string[]> {
  const result = await callDocker(engine, ['logs', '--timestamps', '--tail', String(lines), container], { timeoutMs: ASK_MS });
  if (result.code !== 0) return [];
  return mergeLog(result.stdout, result.stderr).slice(-lines);
}

/** Two streams of time-stamped lines as one, in the order of their times; the stamps are taken off. Pure. */
export function mergeLog(stdout: string, stderr: string): readonly string[] {
  return [...stdout.split('\n'), ...stderr.split('\n')]
    .filter((line) => line !== '')
    .map((line) => ({ time: line.slice(0, line.indexOf(' ')), text: line.slice(line.indexOf(' ') + 1) }))
    .toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
    .map(({ text }) => plainText(text.replace(/\r$/, ''), 4000));
}

async function unhealthy(
  engine: DockerEngine,
  place: Place,
  name: string,
  state: ServiceState | undefined,
  limitMs: number,
): Promise<Problem> {
  const lines = await lastLines(engine, containerName(place.deployment, name), LAST_LINES);
  const ended = state !== undefined && state.state !== 'starting' && state.state !== 'unhealthy';
  const what =
    state?.disk?.held !== undefined
      ? `${name} is not started: there is no room for what it writes`
      : ended || (state?.restarts ?? 0) > 0
        ? `${name} ended right after its start`
        : `${name} is not healthy after ${Math.round(limitMs / 1000)} s`;
  const words = [state?.lastError, ...lines].filter((line) => line !== undefined).join('\n');
  return new Problem('docker/unhealthy', what, {
    cause: words === '' ? 'it said nothing' : words,
    fix: `lobsterpot logs ${name} ; then run: lobsterpot up`,
  });
}
