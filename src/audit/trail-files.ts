import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { trailFileName, trailFileNumber } from '../policy/trail-line.ts';
import { NotATrail, openTrailFolder } from './open-trail.ts';

/** One line of a trail without its newline; `whole` is false for a last line that was never finished. */
export type TrailLine = {
  readonly file: number;
  readonly line: number;
  readonly text: string;
  readonly whole: boolean;
  /** Offset in bytes right behind the line. */
  readonly endsAt: number;
};

// Longer than any line that the gate writes; of a longer one only the beginning is kept, and it opens as no record.
const MAX_LINE = 64 * 1024;
// Many times what the gate keeps: whoever fills the disk, or makes a file with a hole of terabytes, stops no reader for long.
const MOST_BYTES = 16 * 1024 ** 3;
const CHUNK = 64 * 1024;

/** The numbers of a trail's files, oldest first; empty when there is no such folder. Throws `NotATrail`. */
export async function trailFiles(folder: string): Promise<readonly number[]> {
  await using opened = await openTrailFolder(folder);
  return ((await opened?.names()) ?? []).flatMap((name) => trailFileNumber(name) ?? []).toSorted((a, b) => a - b);
}

/**
 * All lines in the order they were written, one at a time: a trail may be larger than memory. `from` starts further on.
 * Throws `NotATrail` at the first thing that is no plain file.
 */
export async function* trailLines(
  folder: string,
  files: readonly number[],
  from: { readonly file: number; readonly offset: number } = { file: 0, offset: 0 },
): AsyncGenerator<TrailLine> {
  await using opened = await openTrailFolder(folder);
  let total = 0;
  for (const file of files) {
    if (file < from.file) continue;
    const name = trailFileName(file);
    const found = await opened?.open(name);
    // The gate dropped its oldest file between our look into the folder and now.
    if (!found) continue;
    await using handle = found.handle;
    total += found.size;
    if (total > MOST_BYTES) throw new NotATrail(join(folder, name), name, `with it the trail has ${total} bytes`);
    yield* linesOf(handle, { file, start: file === from.file ? from.offset : 0, end: found.size });
  }
}

/** Up to the size that the file had when it was opened: a file that grows faster than it is read has an end too. */
async function* linesOf(
  handle: FileHandle,
  { file, start, end: size }: { readonly file: number; readonly start: number; readonly end: number },
): AsyncGenerator<TrailLine> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  let rest: Buffer = Buffer.alloc(0);
  let dropped = 0;
  let endsAt = start;
  let line = 0;
  for (let at = start; at < size;) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(CHUNK, size - at), at);
    if (bytesRead === 0) break;
    at += bytesRead;
    let bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
      line += 1;
      endsAt += dropped + end + 1;
      yield { file, line, text: bytes.toString('utf8', 0, end), whole: true, endsAt };
      dropped = 0;
      bytes = bytes.subarray(end + 1);
    }
    dropped += Math.max(0, bytes.length - MAX_LINE);
    rest = bytes.subarray(0, MAX_LINE);
  }
  if (rest.length > 0) yield { file, line: line + 1, text: rest.toString('utf8'), whole: false, endsAt: endsAt + dropped + rest.length };
}
