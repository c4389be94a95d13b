const FIRST_MS = 1000;
const MOST_MS = 60_000;

/** A start counts as good when the service stayed healthy this long. */
export const GOOD_AFTER_MS = 60_000;

/**
 * How long to wait before the next start, from how often it failed in a row: 1 s, 2 s, 4 s .. 60 s.
 */
export function backoffMs(failures: number): number {
  return Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(Math.max(failures - 1, 0), 10));
}

/** How many failures in a row there are after an end: a good run starts the count again. */
export function countFailure(before: number, healthyForMs: number | undefined): number {
  return healthyForMs !== undefined && healthyForMs >= GOOD_AFTER_MS ? 1 : before + 1;
}
