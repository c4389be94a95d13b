/** What may be removed of a service. */
export type Aged = { readonly id: string; readonly atMs: number };

/** At least one of the two is set. */
export type PruneRule = { readonly keep?: number; readonly olderThanMs?: number };

/**
 * What a rule removes of one service's backups: those beyond the newest `keep` that are also older than `olderThanMs`; never the newest,
 * nor what is `held`. Pure.
 */
export function choosePrune<T extends Aged>(
  all: readonly T[],
  rule: PruneRule,
  nowMs: number,
  held: ReadonlySet<string> = new Set(),
): readonly T[] {
  const newestFirst = all.toSorted((a, b) => b.atMs - a.atMs);
  return newestFirst
    .slice(Math.max(1, rule.keep ?? 1))
    .filter((one) => !held.has(one.id))
    .filter((one) => rule.olderThanMs === undefined || nowMs - one.atMs > rule.olderThanMs);
}
