import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf, Problem } from '../core/problem.ts';
import { isRecord } from '../core/json.ts';
import { trailFileNumber } from '../policy/trail-line.ts';

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

/** The numbers of a trail's files, oldest first; empty when there is no such folder. */
export async function trailFiles(folder: string): Promise<readonly number[]> {
  try {
    return (await readdir(folder)).flatMap((name) => trailFileNumber(name) ?? []).toSorted((a, b) => a - b);
  } catch (error) {
    if (isRecord(error) && error['code'] === 'ENOENT') return [];
    throw new Problem('audit/trail-unreadable', 'the audit trail cannot be read', {
      cause: reasonOf(error),
      fix: 'run the command as the user who ran: lobsterpot up',
      from: error,
    });
  }
}

/** All lines in the order they were written, one at a time: a trail may be larger than memory. `from` starts further on. */
export async function* trailLines(
  folder: string,
  files: readonly number[],
  fileName: (file: number) => string,
  from: { readonly file: number; readonly offset: number } = { file: 0, offset: 0 },
): AsyncGenerator<TrailLine> {
  for (const file of files) {
    if (file < from.file) continue;
    const start = file === from.file ? from.offset : 0;
    let rest: Buffer = Buffer.alloc(0);
    let dropped = 0;
    let endsAt = start;
    let line = 0;
    for await (const chunk of chunks(join(folder, fileName(file)), start)) {
      if (!Buffer.isBuffer(chunk)) continue;
      let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
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
}

async function* chunks(path: string, start: number): AsyncGenerator {
  try {
    yield* createReadStream(path, { start });
  } catch (error) {
    // The gate dropped its oldest file between our look into the folder and now.
    if (!(isRecord(error) && error['code'] === 'ENOENT')) throw error;
  }
}
