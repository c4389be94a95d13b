/** What several rounds of one thing took, in milliseconds. */
export type Measured = { readonly median: number; readonly least: number; readonly most: number; readonly rounds: number };

/** Runs something several times, one after the other; each round says itself how long it took. */
export async function measure(rounds: number, once: () => Promise<number>): Promise<Measured> {
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) took.push(await once());
  return summary(took);
}

/** The median and the spread. Pure. */
export function summary(took: readonly number[]): Measured {
  const sorted = took.toSorted((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) throw new TypeError('nothing was measured');
  const middle = sorted.length / 2;
  const [low = least, high = least] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return { median: (low + high) / 2, least, most, rounds: sorted.length };
}

/** Seconds with two digits after the point; from ten on with one. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(ms < 9995 ? 2 : 1);
}

/** `1.23 s (1.10 to 1.40, 5 rounds)`. */
export function inWords({ median, least, most, rounds }: Measured): string {
  return rounds === 1 ? `${seconds(median)} s (1 round)` : `${seconds(median)} s (${seconds(least)} to ${seconds(most)}, ${rounds} rounds)`;
}
