import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import type { Planted } from './leaks.ts';

const PIECE = 4 * 1024 * 1024;

/** What was found in the memory of the processes of one user: the names of the values, and how much could be read. */
export function memoryOf(
  uid: number,
  planted: readonly Planted[],
): { readonly processes: number; readonly mib: number; readonly found: readonly string[] } {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && ownerOf(name) === uid);
  const needles = planted.flatMap(({ name, value }) =>
    [Buffer.from(value), Buffer.from(value, 'utf16le')].map((bytes) => ({ name, bytes })),
  );
  const found = new Set<string>();
  let bytes = 0;
  for (const pid of pids) bytes += scan(pid, needles, found);
  return { processes: pids.length, mib: Math.round(bytes / 1024 ** 2), found: [...found].toSorted() };
}

type NeedleBytes = { readonly name: string; readonly bytes: Buffer };

function scan(pid: string, needles: readonly NeedleBytes[], found: Set<string>): number {
  const longest = Math.max(...needles.map(({ bytes }) => bytes.length));
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const buffer = Buffer.alloc(PIECE + longest);
  let total = 0;
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) r/.exec(line) ?? [];
      if (from === '' || /\[v(?:var|syscall|dso)/.test(line)) continue;
      const end = Number.parseInt(to, 16);
      for (let at = Number.parseInt(from, 16); at < end; at += PIECE) {
        // A little more than the piece, so that nothing is missed at its edge.
        const read = readAt(memory, buffer, Math.min(PIECE + longest, end - at), at);
        total += Math.min(read, PIECE);
        const seen = buffer.subarray(0, read);
        for (const { name, bytes } of needles) if (seen.includes(bytes)) found.add(name);
      }
    }
  } finally {
    closeSync(memory);
  }
  return total;
}

/** Much that is mapped is not there: nothing of it can be read. */
function readAt(memory: number, buffer: Buffer, length: number, at: number): number {
  try {
    return readSync(memory, buffer, 0, length, at);
  } catch {
    return 0;
  }
}

function ownerOf(pid: string): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
}
