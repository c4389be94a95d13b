import type { Around } from '../apply.ts';

/** How long a service was away: from before it was stopped until it was healthy again. */
export type Outage = { readonly service: string; readonly host: string; readonly ms: number };

/** Measures what `around` shows: the services that ran and were started anew, and when the first of them went away. */
export type Stopwatch = {
  readonly around: Around;
  readonly outages: readonly Outage[];
  /** Starts the clock before `apply` does anything, where a service is stopped for it. */
  begin(): void;
  /** Since the first service went away; undefined when none did. */
  sinceFirst(): number | undefined;
};

/** `now` in milliseconds. */
export function stopwatch(around: Around, now: () => number = () => performance.now()): Stopwatch {
  const outages: Outage[] = [];
  let first: number | undefined;
  const begin = (): number => {
    const at = now();
    first ??= at;
    return at;
  };
  return {
    outages,
    begin,
    sinceFirst: () => (first === undefined ? undefined : now() - first),
    around: (change, work) =>
      around(change, async (say) => {
        if (change.kind !== 'start-service' || !change.running) return work(say);
        const from = begin();
        await work(say);
        outages.push({ service: change.service, host: change.host, ms: now() - from });
      }),
  };
}
