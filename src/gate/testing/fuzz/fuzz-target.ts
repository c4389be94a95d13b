import fc from 'fast-check';
import { isRecord } from '../../../core/json.ts';

/** One thing that is given odd input, and what must hold for all of it. `share`: how many of a run's cases it gets. */
export type FuzzTarget = {
  readonly name: string;
  readonly share: number;
  readonly run: (seed: number, cases: number) => Promise<FuzzFailure | undefined>;
};

/** A case that broke a promise, made as small as it gets. */
export type FuzzFailure = {
  readonly target: string;
  readonly seed: number;
  readonly cases: number;
  readonly input: string;
  readonly why: string;
};

// What a case may take. Whoever reads this slowly stops for everybody: the gate is one thread.
const SLOW_MS = 250;

/** A target of this name: `check` throws, or takes long, for a case that must not be. The same seed gives the same cases. */
export function fuzzTarget<T>(name: string, share: number, inputs: fc.Arbitrary<T>, check: (input: T) => void | Promise<void>): FuzzTarget {
  const timed = async (input: T): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      const began = performance.now();
      const checking = check(input);
      // Awaiting costs more than most checks; those that need no waiting do none.
      if (checking instanceof Promise) await checking;
      const ms = performance.now() - began;
      if (ms < SLOW_MS) return;
      // Another program's turn or the garbage collector's is over at the next try.
      if (tries === 3) throw new Error(`took ${Math.round(ms)} ms`);
    }
  };
  const run: FuzzTarget['run'] = async (seed, cases) => {
    const details = await fc.check(fc.asyncProperty(inputs, timed), { seed, numRuns: cases });
    if (!details.failed) return undefined;
    const why = details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance);
    return { target: name, seed, cases: details.numRuns, input: show(details.counterexample), why };
  };
  return { name, share, run };
}

/** A case for people: bytes as text, and what is repeated only once with its number. */
function show(input: unknown): string {
  const text =
    JSON.stringify(input, (_key, value: unknown) => (isBytes(value) ? Buffer.from(value.data).toString('latin1') : value)) ?? String(input);
  return text.replaceAll(/(.|\\u....)\1{19,}/g, (run: string, one: string) => `${one}{${run.length / one.length}}`).slice(0, 3000);
}

// What JSON.stringify has made of a Buffer before it asks.
function isBytes(value: unknown): value is { readonly data: readonly number[] } {
  return isRecord(value) && value['type'] === 'Buffer' && Array.isArray(value['data']);
}

/** Fails with the sentence when the condition does not hold. */
export function must(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(sentence);
}
