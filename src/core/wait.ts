import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again every `everyMs` until `ask` gives something, at most `timeoutMs`.
 * Gives undefined at the time limit: what that means is the caller's decision.
 */
export async function until<T>(
  ask: () => Promise<T | undefined>,
  limits: { readonly timeoutMs: number; readonly everyMs: number },
): Promise<T | undefined> {
  const end = performance.now() + limits.timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() + limits.everyMs > end) return undefined;
    await sleep(limits.everyMs);
  }
}
