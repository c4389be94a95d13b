import { until } from '../core/wait.ts';
import { readStatus } from './status.ts';
import type { Engine } from './engine.ts';

/** A node's own waiting between two tries grows to half a minute. */
const BACK_MS = 75_000;
const ASK_EVERY_MS = 500;

/** Waits until every node is with its gateway (again); gives the names of those that are not in time. */
export async function nodesBack(engine: Engine): Promise<readonly string[]> {
  let away: readonly string[] = [];
  await until(
    async () => {
      away = (await readStatus(engine)).nodes
        .filter((one) => one.state === 'disconnected' || one.state === 'unchecked')
        .map((one) => one.name);
      return away.length === 0 ? true : undefined;
    },
    { timeoutMs: BACK_MS, everyMs: ASK_EVERY_MS },
  );
  return away;
}

/** The nodes that are not with their gateway now, each with why: one that it does not know does not come back by itself. */
export async function nodesAway(engine: Engine): Promise<readonly string[]> {
  return (await readStatus(engine)).nodes.filter(({ state }) => state !== 'connected').map(({ name, state }) => `${name} (${state})`);
}
