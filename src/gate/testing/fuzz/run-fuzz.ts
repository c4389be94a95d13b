import { getHeapStatistics } from 'node:v8';
import type { FuzzFailure, FuzzTarget } from './fuzz-target.ts';
import { casesOf } from './targets.ts';

/** What a run tells while it goes on: a batch is done, or a target is. */
export type FuzzNews =
  | { readonly kind: 'batch'; readonly target: string; readonly seed: number; readonly cases: number }
  | { readonly kind: 'done'; readonly target: string; readonly cases: number; readonly ms: number }
  | { readonly kind: 'failed'; readonly failure: FuzzFailure };

const BATCH = 2000;
const MOST_GROWTH = 24 * 1024 * 1024;

/** Gives every target its share, in batches whose seeds count up from `seed`, so that a failing one can be run alone. */
export async function runFuzz(
  targets: readonly FuzzTarget[],
  options: { readonly cases: number; readonly seed: number },
  tell: (news: FuzzNews) => void,
): Promise<number> {
  let failed = 0;
  for (const [target, cases] of casesOf(targets, options.cases)) {
    const began = performance.now();
    const failure = await runTarget(target, cases, options.seed, tell);
    if (failure) tell({ kind: 'failed', failure });
    else tell({ kind: 'done', target: target.name, cases, ms: performance.now() - began });
    failed += failure ? 1 : 0;
  }
  return failed;
}

async function runTarget(
  target: FuzzTarget,
  cases: number,
  seed: number,
  tell: (news: FuzzNews) => void,
): Promise<FuzzFailure | undefined> {
  let heapBefore: number | undefined;
  for (let done = 0, batch = seed; done < cases; done += BATCH, batch += 1) {
    const size = Math.min(BATCH, cases - done);
    tell({ kind: 'batch', target: target.name, seed: batch, cases: size });
    const failure = await target.run(batch, size);
    if (failure) return failure;
    // After the second batch everything that is made once is there.
    if (done >= BATCH) heapBefore ??= heapNow();
  }
  const grown = heapNow() - (heapBefore ?? Number.POSITIVE_INFINITY);
  if (grown < MOST_GROWTH) return undefined;
  return { target: target.name, seed, cases, input: 'all of them', why: `memory grew by ${Math.round(grown / 1024 / 1024)} MB` };
}

/** What is in use after the garbage is gone; without `--expose-gc` the garbage counts too. */
function heapNow(): number {
  globalThis.gc?.();
  return globalThis.gc ? getHeapStatistics().used_heap_size : 0;
}
