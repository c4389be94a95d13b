import { until } from '../../src/core/wait.ts';
import { statusOf, type Stage } from './stage.ts';

/** Waits until every service is healthy and every node connected. */
export async function wellAgain(stage: Stage): Promise<boolean> {
  return (await until(async () => ((await statusOf(stage)).code === 0 ? true : undefined), { timeoutMs: 90_000, everyMs: 500 })) === true;
}
