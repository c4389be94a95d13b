/** What one answer took, in tokens; `usd` where the provider tells the money itself. */
export type Usage = {
  readonly model: string;
  /** Read anew, without what came from a cache or went into one. */
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly usd?: number;
  /** False: the provider has not said its last word, so that more may have been written than is counted. */
  readonly isFinal: boolean;
};

export const NO_USAGE: Usage = { model: '', input: 0, cacheRead: 0, cacheWrite: 0, output: 0, isFinal: false };

/** A count in somebody else's JSON; what is none counts as 0. */
export function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.min(Math.round(value), 1e12) : 0;
}
