/** Any JSON document. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** JSON with sorted keys, two spaces and a final newline: the same value gives the same bytes. */
export function stableJson(value: unknown): string {
  return `${JSON.stringify(value, sortKeys, 2)}\n`;
}

/** The same on one line without spaces, for hashing and for records. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, sortKeys);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** True for a plain object (not null, not an array). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Paths (`gateway.auth.mode`) at which two JSON documents differ, the deepest common ones, sorted; undefined: one of them is no JSON. */
export function differingKeys(one: string, other: string): readonly string[] | undefined {
  try {
    return differing(JSON.parse(one), JSON.parse(other), '').toSorted();
  } catch {
    return undefined;
  }
}

function differing(one: unknown, other: unknown, at: string): readonly string[] {
  if (canonicalJson(one) === canonicalJson(other)) return [];
  if (!isRecord(one) || !isRecord(other)) return [at === '' ? 'the whole of it' : at];
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return keys.flatMap((key) => differing(one[key] ?? null, other[key] ?? null, at === '' ? key : `${at}.${key}`));
}
