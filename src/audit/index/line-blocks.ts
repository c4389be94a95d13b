import type { TrailFolder } from '../open-trail.ts';
import { trailFileName } from '../../policy/trail-line.ts';

/** Whole lines of one file; `at` is the offset of the first byte in the file. */
export type LineBlock = { readonly bytes: Buffer; readonly at: number };

const BLOCK = 4 * 1024 * 1024;

/**
 * The whole lines of a file from an offset on, many at a time, up to the size that it has when it is opened.
 * A line longer than a block is left out. The buffer is used again for the next block.
 */
export async function* lineBlocks(folder: TrailFolder, file: number, from: number): AsyncGenerator<LineBlock> {
  const found = await folder.open(trailFileName(file));
  if (!found) return;
  await using handle = found.handle;
  const buffer = Buffer.allocUnsafe(Math.min(BLOCK, Math.max(0, found.size - from)));
  let isInLongLine = false;
  for (let at = from; at < found.size;) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, found.size - at), at);
    if (bytesRead === 0) return;
    const start = isInLongLine ? buffer.subarray(0, bytesRead).indexOf(10) + 1 : 0;
    const end = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
    if (end > start) yield { bytes: buffer.subarray(start, end), at: at + start };
    // The last line is not finished yet, unless it is longer than a block.
    if (end === 0 && bytesRead < BLOCK) return;
    isInLongLine = end === 0;
    at += end === 0 ? bytesRead : end;
  }
}
