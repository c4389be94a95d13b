/** The numbers at the beginning of a version, `v` or not; none where it begins with no number. */
export function numbersOf(version: string): readonly number[] {
  return /^v?(\d+(?:\.\d+)*)/.exec(version.trim())?.[1]?.split('.').map(Number) ?? [];
}

/** Is the version at least this one? undefined: it cannot be read. */
export function isAtLeast(version: string, least: readonly number[]): boolean | undefined {
  const numbers = numbersOf(version);
  if (numbers.length === 0) return undefined;
  for (const [at, wanted] of least.entries()) {
    const own = numbers[at] ?? 0;
    if (own !== wanted) return own > wanted;
  }
  return true;
}
