import { isRecord } from '../core/json.ts';
import { GENESIS, type TrailBeginning, type TrailPlace, openLine, trailFileName } from '../policy/trail-line.ts';
import { NotATrail } from './open-trail.ts';
import { type TrailLine, trailFiles, trailLines } from './trail-files.ts';

/** Whether a trail is whole: from where to where, or the first place at which it is not. */
export type TrailCheck =
  | {
      readonly ok: true;
      readonly records: number;
      readonly firstSeq: number;
      readonly lastSeq: number;
      readonly lastHash: string;
      readonly gaps: number;
      /** The records before `firstSeq`, which went with files that were full long ago; absent: it is all there. */
      readonly dropped?: { readonly records: number; readonly oldestKeptMs: number };
    }
  | { readonly ok: false; readonly file: string; readonly line: number; readonly why: string };

/** A record that was seen before, here or by the gate itself: it must still be the same one. */
export type Witness = { readonly seq: number; readonly hash: string };

/**
 * Follows the chain of hashes. `head` is where a running gate says that it stands: with it a cut-off end is found too.
 * `seen` are records of before: whoever wrote the whole trail anew, with hashes that fit, wrote others.
 * A line that is torn by a crash is a gap, if the gate recorded it as one; anything else is a broken chain.
 */
export async function verifyTrail(folder: string, head?: Witness, seen: readonly Witness[] = []): Promise<TrailCheck> {
  try {
    return await follow(folder, head, seen);
  } catch (error) {
    if (error instanceof NotATrail) return { ok: false, file: error.file, line: 1, why: `${NOT_OURS}: ${error.why}` };
    throw error;
  }
}

const NOT_OURS = 'something that is not a trail file';

async function follow(folder: string, head: Witness | undefined, seen: readonly Witness[]): Promise<TrailCheck> {
  const files = await trailFiles(folder);
  const chain = new Chain(seen);
  for await (const line of trailLines(folder, files)) {
    const why = chain.follow(line);
    if (why !== undefined) return broken(line.file, line.line, why);
  }
  const newest = files.at(-1) ?? 1;
  if (chain.changedLast) return broken(newest, chain.line, 'the line was changed');
  const beginning = chain.faultOfBeginning(files);
  if (beginning) return broken(beginning.file, 1, beginning.why);
  const { records, first, last } = chain;
  const furthest = [...(head ? [head] : []), ...seen].toSorted((a, b) => b.seq - a.seq)[0];
  if (furthest && last.seq < furthest.seq) {
    const who = furthest === head ? 'the gate wrote' : 'it was read before';
    return broken(newest, chain.line + 1, `the end is cut off: ${who} up to record ${furthest.seq}, the trail ends at ${last.seq}`);
  }
  if (head && last.seq === head.seq && last.hash !== head.hash)
    return broken(newest, chain.line, 'the last record is another than the gate wrote');
  const dropped = first.seq > 1 ? { dropped: { records: first.seq - 1, oldestKeptMs: first.time } } : {};
  return { ok: true, records, firstSeq: first.seq, lastSeq: last.seq, lastHash: last.hash, gaps: chain.gaps, ...dropped };
}

function broken(file: number, line: number, why: string): TrailCheck {
  return { ok: false, file: trailFileName(file), line, why };
}

/** The chain so far. */
class Chain {
  records = 0;
  gaps = 0;
  first: TrailPlace = { seq: 0, time: 0, prev: GENESIS };
  firstFile = 1;
  line = 0;
  last: Witness = { seq: 0, hash: GENESIS };
  readonly #seen: ReadonlyMap<number, string>;
  /** What the newest file says of where the oldest one begins: the number of the file, and its first record. */
  #oldestKnown: number | undefined;
  #from: TrailBeginning = { seq: 1, prev: GENESIS };
  #torn: { readonly bytes: number; readonly whole: boolean } | undefined;

  constructor(seen: readonly Witness[]) {
    this.#seen = new Map(seen.map(({ seq, hash }) => [seq, hash]));
  }

  /** The last line is finished and yet does not open; an unfinished one is what a crash leaves. */
  get changedLast(): boolean {
    return this.#torn?.whole === true;
  }

  /** Takes the next line; gives why the chain breaks there. */
  follow({ text, whole, line, file }: TrailLine): string | undefined {
    this.line = line;
    const opened = whole ? openLine(text) : undefined;
    if (!opened) {
      // Only a gap record right behind it explains a line that does not open.
      if (this.#torn) return 'the line was changed';
      this.#torn = { bytes: Buffer.byteLength(text), whole };
      return undefined;
    }
    const { place, record, hash } = opened;
    const fault = this.#fault(place, record) ?? this.#faultOfSeen(place, hash);
    if (fault !== undefined) return fault;
    if (this.records === 0) [this.first, this.firstFile] = [place, file];
    if (record['kind'] === 'gap') this.gaps += 1;
    if (record['kind'] === 'file') this.#from = beginningIn(record['from']);
    if (typeof record['oldest'] === 'number') this.#oldestKnown = record['oldest'];
    this.records += 1;
    this.#torn = undefined;
    this.last = { seq: place.seq, hash };
    return undefined;
  }

  #fault(place: TrailPlace, record: Readonly<Record<string, unknown>>): string | undefined {
    if (this.#torn && !(record['kind'] === 'gap' && record['bytes'] === this.#torn.bytes))
      return 'the line before it was changed or torn, and no gap was recorded';
    if (this.records === 0) return place.seq > 1 || place.prev === GENESIS ? undefined : 'the first record does not begin a chain';
    const next = this.last.seq + 1;
    if (place.seq < next) return `record ${place.seq} stands here a second time, or later than it was written`;
    if (place.seq > next) return place.seq === next + 1 ? `record ${next} is missing` : `records ${next} to ${place.seq - 1} are missing`;
    return place.prev === this.last.hash ? undefined : 'it does not continue the record before it';
  }

  #faultOfSeen(place: TrailPlace, hash: string): string | undefined {
    const seen = this.#seen.get(place.seq);
    return seen === undefined || seen === hash ? undefined : 'the record is another than the one that was read here before';
  }

  /** Whether the trail begins where the gate said last that it does: an earlier file it may not have come to remove. */
  faultOfBeginning(files: readonly number[]): { readonly file: number; readonly why: string } | undefined {
    const oldest = this.#oldestKnown;
    if (oldest !== undefined && oldest < (files[0] ?? oldest)) return { file: oldest, why: 'the file is missing' };
    if (this.records === 0 || this.first.seq < this.#from.seq) return undefined;
    const file = this.firstFile;
    if (this.first.seq > this.#from.seq)
      return {
        file,
        why: `the beginning is missing: the gate kept records from ${this.#from.seq} on, the trail begins with ${this.first.seq}`,
      };
    return this.first.prev === this.#from.prev ? undefined : { file, why: 'the first record is another than the one that the gate kept' };
  }
}

function beginningIn(from: unknown): TrailBeginning {
  if (isRecord(from) && typeof from['seq'] === 'number' && typeof from['prev'] === 'string')
    return { seq: from['seq'], prev: from['prev'] };
  return { seq: 1, prev: GENESIS };
}
