import { closeSync, constants, fstatSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../core/problem.ts';
import { GENESIS, type TrailEvent, type TrailPlace, openLine, sealLine, trailFileName, trailFileNumber } from '../policy/trail-line.ts';
import { beginningOf, filesToKeep, mustRotate } from './trail-retention.ts';

/** Where the chain stands, for the status and for whoever checks that its end was not cut off. */
export type TrailHead = { readonly seq: number; readonly hash: string };

/** A record that is not written yet, and whoever waits for its sequence number. */
type Waiting = { readonly event: TrailEvent; readonly onWritten: ((seq: number | undefined) => void) | undefined };

// Something else under a trail file's name must fail, not hang (a pipe) or lead elsewhere (a link).
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

// Longer than the records of ends come apart on a busy gate, shorter than anybody waits for one.
const SOON_MS = 10;

/**
 * The writer of the trail. What is decided is written at once, so that kill -9 loses none of it; what has ended goes
 * with the next record, or some milliseconds later. A write that fails is counted and told as a gap once writing works again.
 */
export class Trail {
  readonly #folder: string;
  readonly #fileBytes: number;
  readonly #files: number;
  readonly #ageMs: number | undefined;
  readonly #nowMs: () => number;
  readonly #complain: (message: string) => void;
  #fd: number | undefined;
  #file = 0;
  #size = 0;
  /** Of the first record of the file that is written now. */
  #beganMs: number | undefined;
  #head: TrailHead = { seq: 0, hash: GENESIS };
  #lost = 0;
  #error: string | undefined;
  #soon: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isDue = false;

  constructor(options: {
    readonly folder: string;
    readonly fileBytes: number;
    readonly files: number;
    /** Absent: only the size bounds it. */
    readonly ageMs?: number;
    readonly nowMs: () => number;
    readonly complain: (message: string) => void;
  }) {
    this.#folder = options.folder;
    this.#fileBytes = options.fileBytes;
    this.#files = options.files;
    this.#ageMs = options.ageMs;
    this.#nowMs = options.nowMs;
    this.#complain = options.complain;
  }

  get head(): TrailHead {
    return this.#head;
  }

  /** Why records cannot be written at present. */
  get error(): string | undefined {
    return this.#error;
  }

  /** Continues the chain of the newest file; a torn last line becomes a `gap` record after it. */
  start(pid: number): void {
    this.#attempt(() => {
      this.#open();
      this.#append(() => ({ kind: 'start', pid, file: this.#file, oldest: this.#oldest() }));
    });
  }

  /** Writes one record and gives its sequence number; undefined when it could not be written. */
  write(event: TrailEvent): number | undefined {
    this.#soon.push({ event, onWritten: undefined });
    return this.#flush();
  }

  /**
   * Writes a record before the event loop's next turn, with all others that come in this one: for many at once a write each is
   * what costs. `onWritten` gets its sequence number, undefined when it could not be written.
   */
  writeTogether(event: TrailEvent, onWritten: (seq: number | undefined) => void): void {
    this.#soon.push({ event, onWritten });
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      if (this.#soon.length > 0) this.#flush();
    });
  }

  /** Writes a record that nothing waits for, together with others. */
  writeSoon(event: TrailEvent): void {
    this.#soon.push({ event, onWritten: undefined });
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#soon.length > 0) this.#flush();
    }, SOON_MS).unref();
  }

  close(): void {
    if (this.#soon.length > 0) this.#flush();
    clearTimeout(this.#timer);
    // Else nothing would ever be written soon again: a new file begins with the old one closed.
    this.#timer = undefined;
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** Writes all that waits, and gives the number of the last; undefined: not all of it could be written. */
  #flush(): number | undefined {
    const waiting = this.#soon;
    this.#soon = [];
    // The sequence number of each, where they are not one behind the other from `first` on.
    let apart: number[] | undefined;
    let first = 0;
    const isWritten = this.#attempt(() => {
      if (this.#fd === undefined) this.#open();
      if (this.#lost > 0) this.#append(() => ({ kind: 'gap', bytes: 0, records: this.#lost }));
      this.#lost = 0;
      first = this.#head.seq + 1;
      if (this.#appendTogether(waiting)) return;
      apart = [];
      for (const { event } of waiting) {
        this.#append(() => event);
        apart.push(this.#head.seq);
      }
    });
    if (!isWritten) apart ??= [];
    if (apart) this.#lost += waiting.length - apart.length;
    const last = isWritten ? this.#head.seq : undefined;
    // At the very end: what they do then may write the next record.
    for (let index = 0; index < waiting.length; index += 1) this.#tell(waiting[index]?.onWritten, apart ? apart[index] : first + index);
    return last;
  }

  /** What one of them does with it must neither keep it from the others nor end the gate. */
  #tell(onWritten: Waiting['onWritten'], seq: number | undefined): void {
    try {
      onWritten?.(seq);
    } catch (error) {
      this.#complain(`what came after a record failed: ${reasonOf(error)}`);
    }
  }

  #attempt(act: () => void): boolean {
    try {
      act();
      if (this.#error !== undefined) this.#complain('the trail is written again');
      this.#error = undefined;
      return true;
    } catch (error) {
      if (this.#error === undefined) this.#complain(`the trail cannot be written: ${reasonOf(error)}`);
      this.#error = reasonOf(error);
      return false;
    }
  }

  /** A torn line is followed by its gap in the same file, however full that is: behind anything else it would be a changed line. */
  #open(): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#file = Math.max(1, ...this.#numbers());
    const path = join(this.#folder, trailFileName(this.#file));
    // 0644 minus umask would do for the operator; the folder around it is closed anyway.
    this.#fd = openSync(path, APPEND, 0o600);
    const tail = readTail(readFileSync(path));
    this.#size = tail.size;
    this.#beganMs = beginningOf(path)?.time;
    // A file without a single whole line: the chain goes on from the file before it.
    this.#head = tail.head ?? this.#headOfOlder() ?? this.#head;
    if (tail.torn === 0) return;
    this.#put('\n');
    this.#take({ kind: 'gap', bytes: tail.torn, records: 0 });
  }

  #headOfOlder(): TrailHead | undefined {
    for (const number of this.#numbers().toSorted((a, b) => b - a)) {
      if (number >= this.#file) continue;
      const { head } = readTail(readFileSync(join(this.#folder, trailFileName(number))));
      if (head) return head;
    }
    return undefined;
  }

  /** All in one write; false, and nothing done, when a new file has to begin before the last of them. */
  #appendTogether(waiting: readonly Waiting[]): boolean {
    let { seq, hash } = this.#head;
    let lines = '';
    for (const { event } of waiting) {
      seq += 1;
      const sealed = sealLine({ seq, time: this.#nowMs(), prev: hash }, event);
      lines += sealed.line;
      hash = sealed.hash;
    }
    if (this.#isFullFor(lines)) return false;
    this.#put(lines);
    this.#head = { seq, hash };
    return true;
  }

  #append(event: () => TrailEvent): void {
    // Not asked again whether it fits: a record longer than a whole file would rotate until no older file is left.
    if (this.#isFullFor(sealLine(this.#next(), event()).line)) this.#rotate();
    this.#take(event());
  }

  #isFullFor(text: string): boolean {
    const file = { size: this.#size, beganMs: this.#beganMs };
    return mustRotate(file, text.length, { fileBytes: this.#fileBytes, ageMs: this.#ageMs, nowMs: this.#nowMs() });
  }

  #next(): TrailPlace {
    return { seq: this.#head.seq + 1, time: this.#nowMs(), prev: this.#head.hash };
  }

  #take(event: TrailEvent): void {
    const place = this.#next();
    const { line, hash } = sealLine(place, event);
    this.#put(line);
    this.#head = { seq: place.seq, hash };
  }

  #put(text: string): void {
    if (this.#fd === undefined) throw new Error('no trail file is open');
    const length = Buffer.byteLength(text);
    let written = 0;
    try {
      written = writeSync(this.#fd, text);
      // The disk took a part of it: rare, so only then are its bytes made.
      if (written < length) for (const bytes = Buffer.from(text); written < length;) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      // Half a line on a full disk would break the chain for every line after it.
      if (written > 0) ftruncateSync(this.#fd, this.#size);
      throw error;
    }
    this.#size += length;
  }

  #rotate(): void {
    const next = openSync(join(this.#folder, trailFileName(this.#file + 1)), APPEND, 0o600);
    this.close();
    this.#fd = next;
    this.#file += 1;
    this.#size = fstatSync(next).size;
    this.#beganMs = this.#nowMs();
    const all = this.#numbers().toSorted((a, b) => a - b);
    const bounds = { files: this.#files, ageMs: this.#ageMs, nowMs: this.#nowMs() };
    const kept = filesToKeep(all, bounds, (number) => beginningOf(this.#path(number))?.time);
    const oldest = kept[0] ?? this.#file;
    const from = oldest === this.#file ? { seq: this.#head.seq + 1, prev: this.#head.hash } : beginningOf(this.#path(oldest));
    const told = from === undefined || from.seq === 1 ? {} : { from: { seq: from.seq, prev: from.prev } };
    // Told before it is done: a file that is gone without a word is one that somebody else removed.
    this.#take({ kind: 'file', file: this.#file, oldest, ...told });
    for (const number of all.filter((one) => one < oldest)) rmSync(this.#path(number), { force: true });
  }

  #path(number: number): string {
    return join(this.#folder, trailFileName(number));
  }

  #oldest(): number {
    return Math.min(this.#file, ...this.#numbers());
  }

  #numbers(): readonly number[] {
    return readdirSync(this.#folder).flatMap((name) => trailFileNumber(name) ?? []);
  }
}

/** The last whole line of a file and how many bytes of a torn one follow it. */
export function readTail(bytes: Buffer): { readonly head?: TrailHead; readonly torn: number; readonly size: number } {
  let end = bytes.length;
  while (end > 0) {
    // A negative offset counts from the end: with the first byte a newline this would go round for ever.
    const from = end < 2 ? 0 : bytes.lastIndexOf(10, end - 2) + 1;
    const text = bytes.toString('utf8', from, bytes[end - 1] === 10 ? end - 1 : end);
    const opened = bytes[end - 1] === 10 ? openLine(text) : undefined;
    if (opened) return { head: { seq: opened.place.seq, hash: opened.hash }, torn: bytes.length - end, size: bytes.length };
    end = from;
  }
  return { torn: bytes.length, size: bytes.length };
}
