import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { trailFileNumber } from '../policy/trail-line.ts';

/** One line of a trail without its newline; `whole` is false for a last line that was never finished. */
export type TrailLine = { readonly file: number; readonly line: number; readonly text: string; readonly whole: boolean };

// Longer than any line that the gate writes; more is not read into memory.
const MAX_LINE = 64 * 1024;

/** The numbers of a trail's files, oldest first; empty when there is no such folder. */
export async function trailFiles(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder).catch(() => []);
  return names.flatMap((name) => trailFileNumber(name) ?? []).toSorted((a, b) => a - b);
}

/** All lines from `from` on in the order they were written, one at a time: a trail may be larger than memory. */
export async function* trailLines(folder: string, files: readonly number[], fileName: (file: number) => string): AsyncGenerator<TrailLine> {
  for (const file of files) {
    let rest = '';
    let line = 0;
    for await (const chunk of createReadStream(join(folder, fileName(file)), { encoding: 'utf8' })) {
      const pieces: string[] = `${rest}${String(chunk)}`.split('\n');
      rest = (pieces.pop() ?? '').slice(0, MAX_LINE);
      for (const text of pieces) {
        line += 1;
        yield { file, line, text, whole: true };
      }
    }
    if (rest !== '') yield { file, line: line + 1, text: rest, whole: false };
  }
}
