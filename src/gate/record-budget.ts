/** What of a client gets a record of its own; a passage is two of them, one at its beginning and one at its end. `question`: by DNS. */
export type Recorded = 'denial' | 'passage' | 'question';

type Rate = { readonly burst: number; readonly perSecond: number };

/**
 * Every rate of a list must have room. The long ones bound how fast a client can push its own earlier records out of
 * the trail: flooding with the longest records on all three ways at once, one client needs 28 hours for the trail's default
 * 160 MiB, two together need 13, three 8 (with names of usual length about three times as long). A test computes it.
 */
const RATES: Readonly<Record<Recorded, readonly Rate[]>> = {
  denial: [
    { burst: 300, perSecond: 10 },
    { burst: 3000, perSecond: 0.2 },
  ],
  passage: [{ burst: 3600, perSecond: 0.5 }],
  // Apart from denials, so that a flood of names hides no attempt to connect. Each look at a host is two of them or more.
  question: [
    { burst: 300, perSecond: 2 },
    { burst: 500, perSecond: 0.02 },
  ],
};

const TELL_EVERY_MS = 5000;

/** What an announced proof has of each kind at least, for each client: its own attempts must not be the ones left out. */
const PROOF_RECORDS = 200;

/** What was not recorded one by one for a client, in words. */
export type Unrecorded = { readonly client: string; readonly detail: string };

/**
 * How many records a client gets: one that asks for thousands of names, or connects thousands of times, must not push
 * everything else out of a trail of bounded size. What goes beyond is counted, and told in one record every few seconds.
 */
export class RecordBudget {
  readonly #nowMs: () => number;
  readonly #buckets: Readonly<Record<Recorded, Map<string, readonly Bucket[]>>> = {
    denial: new Map(),
    passage: new Map(),
    question: new Map(),
  };
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #toldMs = new Map<string, number>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** True when this client's next one would get its record. */
  has(client: string, kind: Recorded): boolean {
    const nowMs = this.#nowMs();
    let isRoom = true;
    for (const bucket of this.#of(client, kind)) if (bucket.fill(nowMs) < 1) isRoom = false;
    return isRoom;
  }

  /** Takes the place of one record; false when there is none left. */
  spend(client: string, kind: Recorded): boolean {
    if (!this.has(client, kind)) return false;
    for (const bucket of this.#of(client, kind)) bucket.tokens -= 1;
    return true;
  }

  /** The operator announces a proof: what was used up before does not hide it. Only the control socket leads here. */
  makeRoom(): void {
    const all = Object.values(this.#buckets).flatMap((clients) => [...clients.values()].flat());
    for (const bucket of all) bucket.tokens = Math.max(bucket.tokens, PROOF_RECORDS);
  }

  /** Counts one that gets no record. */
  skip(client: string, what: string): void {
    const counts = this.#counts.get(client) ?? new Map<string, number>();
    counts.set(what, (counts.get(what) ?? 0) + 1);
    this.#counts.set(client, counts);
  }

  /** What was counted and is due to be told: the first at once, more of the same client some seconds later. */
  take(all: 'due' | 'all' = 'due'): readonly Unrecorded[] {
    const nowMs = this.#nowMs();
    const due = [...this.#counts].filter(([client]) => all === 'all' || nowMs - (this.#toldMs.get(client) ?? -Infinity) >= TELL_EVERY_MS);
    return due.map(([client, counts]) => {
      this.#counts.delete(client);
      this.#toldMs.set(client, nowMs);
      return { client, detail: [...counts].map(([what, count]) => `${count} ${what}`).join(', ') };
    });
  }

  #of(client: string, kind: Recorded): readonly Bucket[] {
    const known = this.#buckets[kind].get(client);
    if (known) return known;
    const buckets = RATES[kind].map((rate) => new Bucket(rate, this.#nowMs()));
    this.#buckets[kind].set(client, buckets);
    return buckets;
  }
}

class Bucket {
  tokens: number;
  readonly #rate: Rate;
  #atMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.tokens = rate.burst;
    this.#atMs = nowMs;
  }

  /** Adds what has come since the last look, and gives what there is. */
  fill(nowMs: number): number {
    const { burst, perSecond } = this.#rate;
    this.tokens = Math.min(burst, this.tokens + ((nowMs - this.#atMs) / 1000) * perSecond);
    this.#atMs = nowMs;
    return this.tokens;
  }
}
