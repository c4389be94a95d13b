import type { FileState } from '../../hosts/host.ts';
import type { LogText } from './log-text.ts';

const TYPE = 0o170_000;
const FOLDER = 0o040_000;
const PLAIN = 0o100_000;

type Stat = { readonly path: string; readonly raw: number; readonly uid: number; readonly gid: number; readonly mtimeMs: number };

/** The first line of each look, on both of its outputs. */
export const FIRST = 'looking';

/**
 * What the last look of a log said, of one or several, each line with the engine's time before it; undefined: the log does not go back to
 * where that began, or it began no later than `after`. Pure.
 */
export function lastLook({ out, errors }: LogText, after = ''): LogText | undefined {
  const [said, complained] = [lastOf(out, after), lastOf(errors, after)];
  return said === undefined || complained === undefined ? undefined : { out: said, errors: complained };
}

/** The engine's time of the last line of a log whose lines have it before them; empty of an empty log. Pure. */
export function lastTime({ out, errors }: LogText): string {
  const times = `${out}${errors}`.split('\n').map((line) => timed(line).time);
  return times.toSorted().at(-1) ?? '';
}

function lastOf(text: string, after: string): string | undefined {
  const lines = text.split('\n').map(timed);
  const first = lines.findLastIndex((line) => line.text === FIRST);
  if (first < 0 || (lines[first]?.time ?? '') <= after) return undefined;
  return lines
    .slice(first + 1)
    .map((line) => line.text)
    .join('\n');
}

// The engine writes each with as many digits, by one clock: they sort as text.
function timed(line: string): { readonly time: string; readonly text: string } {
  const space = line.indexOf(' ');
  return { time: line.slice(0, Math.max(space, 0)), text: line.slice(space + 1) };
}

/**
 * What `look.ts` printed: every path that is there. Half of it, a path that cannot be looked at, or a word that is
 * not understood is an error: half-understood is not read. Pure.
 */
export function parseSeen({ out, errors }: LogText): ReadonlyMap<string, FileState> {
  const known = wholeLines(out).map((line): readonly [string, string] | Stat => {
    const found = stated(line) ?? digested(line);
    if (found) return found;
    throw new Error('it tells what is not understood');
  });
  // What is not there is not listed; a pattern of the script that nothing fits is named too.
  const isAbsence = (line: string): boolean => /^stat: .*: (No such file or directory|Not a directory)$/.test(line);
  if (!wholeLines(errors).every(isAbsence)) throw new Error('it complains of what is not understood');
  const digests = new Map(known.flatMap((one) => ('path' in one ? [] : [one])));
  const files = new Map(known.flatMap((one) => ('path' in one ? [[one.path, stateOf(one, digests)] as const] : [])));
  refuseOdd(files);
  return files;
}

/** All lines but the last word, without which some may be missing. */
function wholeLines(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.pop() !== 'seen') throw new Error('not all of it was told');
  return lines;
}

function stated(line: string): Stat | undefined {
  const match = /^is ([0-9a-f]+) (\d+) (\d+) (\d+) \S+ \d\d:\d\d:\d\d(\.\d+)? [-+]\d{4} (.+)$/.exec(line);
  if (!match) return undefined;
  const [, raw = '', uid, gid, seconds, fraction = '', path = ''] = match;
  return {
    path,
    raw: Number.parseInt(raw, 16),
    uid: Number(uid),
    gid: Number(gid),
    mtimeMs: Number(seconds) * 1000 + Math.floor(Number(`0${fraction}`) * 1000),
  };
}

function digested(line: string): readonly [string, string] | undefined {
  const match = /^([0-9a-f]{64}) [ *](.+)$/.exec(line);
  return match ? [match[2] ?? '', match[1] ?? ''] : undefined;
}

function stateOf({ path, raw, uid, gid, mtimeMs }: Stat, digests: ReadonlyMap<string, string>): FileState {
  const [mode, owner] = [raw & 0o7777, { uid, gid }];
  if ((raw & TYPE) === FOLDER) return { kind: 'directory', mode, owner };
  if ((raw & TYPE) !== PLAIN) return { kind: 'other' };
  const sha256 = digests.get(path);
  if (sha256 === undefined) throw new Error('a file without a digest');
  return { kind: 'file', mode, owner, sha256, mtimeMs };
}

// What lies behind something that is no folder was reached over a link.
function refuseOdd(files: ReadonlyMap<string, FileState>): void {
  for (const path of files.keys()) {
    const parents = path.split('/').slice(0, -1);
    if (parents.some((_, depth) => files.get(parents.slice(0, depth + 1).join('/'))?.kind !== 'directory')) {
      throw new Error('a folder is a link');
    }
  }
}
