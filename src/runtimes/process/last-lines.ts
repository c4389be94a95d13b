import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const MOST_BYTES = 1024 ** 2;

/** The last `count` lines of the given files taken as one, oldest file first; reads at most 1 MiB of each. Absent files are empty. */
export async function readLastLines(paths: readonly string[], count: number): Promise<readonly string[]> {
  const texts = await Promise.all(paths.map(readTail));
  const lines = texts.join('').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.slice(-count);
}

async function readTail(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return '';
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - MOST_BYTES);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await file.close();
  }
}
