import { join } from 'node:path';

import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import { until } from '../../core/wait.ts';
import type { ServiceState } from '../runtime.ts';
import { LAYOUT } from './layout.ts';
import { readLastLines } from './last-lines.ts';
import { readSpec } from './read-spec.ts';
import { askSupervisor, STATUS_MS, STOP_MS } from './supervisor/client.ts';

/** Of one start attempt whose health never comes, on top of the service's own limit. */
const EXTRA_MS = 3000;

/**
 * Starts or restarts one service through the supervisor and waits for its health; `onStep` hears each new state.
 * A service that ends, or is not healthy in time, is a Problem with the last lines of its log.
 */
export async function startService(root: string, name: string, onStep?: (name: string, state: ServiceState) => void): Promise<void> {
  const { spec } = readSpec(root, name);
  await askSupervisor(root, { op: 'start', name }, STOP_MS);
  let shown: ServiceState['state'] | undefined;
  const settled = await until(
    async () => {
      const answer = await askSupervisor(root, { op: 'status' }, STATUS_MS);
      const state = answer?.services.find((one) => one.name === name) ?? { name, state: 'stopped' as const };
      if (state.state !== shown) onStep?.(name, state);
      shown = state.state;
      return shown === 'starting' ? undefined : state;
    },
    { timeoutMs: spec.service.health.timeoutMs + EXTRA_MS, everyMs: 100 },
  );
  if (settled?.state === 'healthy') return;
  throw await unhealthy(root, name, settled, spec.service.health.timeoutMs);
}

async function unhealthy(root: string, name: string, state: ServiceState | undefined, limitMs: number): Promise<Problem> {
  const lines = await readLastLines([join(root, LAYOUT.log(name))], 6);
  const words = state?.lastError ?? plainText(lines.join('\n'));
  const what =
    state?.disk?.held !== undefined
      ? `${name} is not started: there is no room for what it writes`
      : state?.state === 'backing-off'
        ? `${name} ended right after its start`
        : `${name} is not healthy after ${Math.round(limitMs / 1000)} s`;
  return new Problem('process/unhealthy', what, {
    cause: words === '' ? 'it said nothing' : words,
    fix: `lobsterpot logs ${name} ; then run: lobsterpot up`,
  });
}
