import { GENESIS, type TrailPlace, openLine, trailFileName } from '../policy/trail-line.ts';
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

/**
 * Follows the chain of hashes. `head` is where a running gate says that it stands: with it a cut-off end is found too.
 * A line that is torn by a crash is a gap, if the gate recorded it as one; anything else is a broken chain.
 */
export async function verifyTrail(folder: string, head?: { readonly seq: number; readonly hash: string }): Promise<TrailCheck> {
  try {
    return await follow(folder, head);
  } catch (error) {
    if (error instanceof NotATrail) return { ok: false, file: error.file, line: 1, why: `${NOT_OURS}: ${error.why}` };
    throw error;
  }
}

const NOT_OURS = 'something that is not a trail file';

async function follow(folder: string, head: { readonly seq: number; readonly hash: string } | undefined): Promise<TrailCheck> {
  const files = await trailFiles(folder);
  const chain = new Chain();
  for await (const line of trailLines(folder, files)) {
    const why = chain.follow(line);
    if (why !== undefined) return broken(line.file, line.line, why);
  }
  if (chain.changedLast) return broken(files.at(-1) ?? 1, chain.line, 'the line was changed');
  const missing = chain.missingFile(files);
  if (missing !== undefined) return broken(missing, 1, 'the file is missing');
  const { records, first, last } = chain;
  if (head && last.seq < head.seq)
    return broken(
      files.at(-1) ?? 1,
      chain.line + 1,
      `the end is cut off: the gate wrote up to record ${head.seq}, the trail ends at ${last.seq}`,
    );
  if (head && last.seq === head.seq && last.hash !== head.hash)
    return broken(files.at(-1) ?? 1, chain.line, 'the last record is another than the gate wrote');
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
  first: { readonly seq: number; readonly time: number } = { seq: 0, time: 0 };
  line = 0;
  last: { readonly seq: number; readonly hash: string } = { seq: 0, hash: GENESIS };
  /** The number of the oldest file that the newest file knew of. */
  #oldestKnown: number | undefined;
  #torn: { readonly bytes: number; readonly whole: boolean } | undefined;

  /** The last line is finished and yet does not open; an unfinished one is what a crash leaves. */
  get changedLast(): boolean {
    return this.#torn?.whole === true;
  }

  /** Takes the next line; gives why the chain breaks there. */
  follow({ text, whole, line }: TrailLine): string | undefined {
    this.line = line;
    const opened = whole ? openLine(text) : undefined;
    if (!opened) {
      // Only a gap record right behind it explains a line that does not open.
      if (this.#torn) return 'the line was changed';
      this.#torn = { bytes: Buffer.byteLength(text), whole };
      return undefined;
    }
    const { place, record, hash } = opened;
    const fault = this.records === 0 && !this.#torn ? firstFault(place) : this.#fault(place, record);
    if (fault !== undefined) return fault;
    if (record['kind'] === 'gap') this.gaps += 1;
    if (typeof record['oldest'] === 'number') this.#oldestKnown = record['oldest'];
    if (this.records === 0) this.first = { seq: place.seq, time: place.time };
    this.records += 1;
    this.#torn = undefined;
    this.last = { seq: place.seq, hash };
    return undefined;
  }

  #fault(place: TrailPlace, record: Readonly<Record<string, unknown>>): string | undefined {
    if (this.#torn && !(record['kind'] === 'gap' && record['bytes'] === this.#torn.bytes))
      return 'the line before it was changed or torn, and no gap was recorded';
    if (place.seq !== this.last.seq + 1) return `record ${this.last.seq + 1} is missing`;
    return place.prev === this.last.hash ? undefined : 'it does not continue the record before it';
  }

  missingFile(files: readonly number[]): number | undefined {
    const oldest = this.#oldestKnown;
    return oldest !== undefined && oldest < (files[0] ?? oldest) ? oldest : undefined;
  }
}

function firstFault(place: TrailPlace): string | undefined {
  if (place.seq === 1) return place.prev === GENESIS ? undefined : 'the first record does not begin a chain';
  return undefined;
}
