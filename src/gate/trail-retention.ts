import { closeSync, constants, openSync, readSync } from 'node:fs';
import { type TrailPlace, openLine } from '../policy/trail-line.ts';

/** What a trail may take up; `ageMs` absent: only the size bounds it. */
type Bounds = { readonly ageMs: number | undefined; readonly nowMs: number };

// Files are removed whole, so a bound of 30 days keeps at most 33 days.
const FILES_AN_AGE = 10;

/** Must the next record, of so many bytes, begin a new file? The first record of a file never does. */
export function mustRotate(
  file: { readonly size: number; readonly beganMs: number | undefined },
  bytes: number,
  { fileBytes, ageMs, nowMs }: Bounds & { readonly fileBytes: number },
): boolean {
  if (file.size === 0) return false;
  if (file.size + bytes > fileBytes) return true;
  return ageMs !== undefined && file.beganMs !== undefined && nowMs - file.beganMs > ageMs / FILES_AN_AGE;
}

/** The newest of `numbers` (oldest first) that stay: within the count, and none of them with nothing but too old records. */
export function filesToKeep(
  numbers: readonly number[],
  { files, ageMs, nowMs }: Bounds & { readonly files: number },
  beganMs: (number: number) => number | undefined,
): readonly number[] {
  const kept = numbers.slice(-files);
  if (ageMs === undefined) return kept;
  // A file's records are no younger than the first one of the file behind it.
  const first = kept.findIndex((_number, index) => {
    const next = kept[index + 1];
    const endedMs = next === undefined ? undefined : beganMs(next);
    return endedMs === undefined || nowMs - endedMs <= ageMs;
  });
  return kept.slice(Math.max(0, first));
}

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const FIRST_BYTES = 64 * 1024;

/** The first record that opens near the beginning of a file; a torn line may stand before it. */
export function beginningOf(path: string): TrailPlace | undefined {
  const bytes = Buffer.alloc(FIRST_BYTES);
  let size: number;
  try {
    const fd = openSync(path, READ);
    try {
      size = readSync(fd, bytes, 0, FIRST_BYTES, 0);
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
  for (const line of bytes.toString('utf8', 0, size).split('\n')) {
    const opened = openLine(line);
    if (opened) return opened.place;
  }
  return undefined;
}
