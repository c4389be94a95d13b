const BURST = 300;
const PER_SECOND = 10;

/** What was not recorded one by one for a client since the last look. */
export type Unrecorded = { readonly client: string; readonly what: string; readonly count: number };

/**
 * How many denials of a client get a record of their own: a client that asks for thousands of names must not push
 * everything else out of a trail of bounded size. The rest is counted, and told in one record a second.
 */
export class RecordBudget {
  readonly #nowMs: () => number;
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();
  readonly #unrecorded = new Map<string, Unrecorded>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** True when this client's next denial gets its record. */
  spend(client: string): boolean {
    const nowMs = this.#nowMs();
    const bucket = this.#buckets.get(client) ?? { tokens: BURST, atMs: nowMs };
    const tokens = Math.min(BURST, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * PER_SECOND);
    this.#buckets.set(client, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs });
    return tokens >= 1;
  }

  /** Counts one that gets no record. */
  skip(client: string, what: string): void {
    const key = `${client} ${what}`;
    this.#unrecorded.set(key, { client, what, count: (this.#unrecorded.get(key)?.count ?? 0) + 1 });
  }

  /** What was counted since the last time. */
  take(): readonly Unrecorded[] {
    const taken = [...this.#unrecorded.values()];
    this.#unrecorded.clear();
    return taken;
  }
}
