import { isRecord } from '../../core/json.ts';

/** One column of a row; empty where there is none. */
export function blobIn(row: unknown, key: string): Uint8Array {
  const value = isRecord(row) ? row[key] : undefined;
  return value instanceof Uint8Array ? value : new Uint8Array(0);
}
