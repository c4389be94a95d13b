import { isRecord } from '../../../core/json.ts';
import type { UsageDialect } from '../provider.ts';
import { DIALECTS } from './dialects.ts';
import { NO_USAGE, type Usage } from './usage.ts';

const LONGEST_LINE = 4 * 1024 * 1024;
const LONGEST_BODY = 8 * 1024 * 1024;

/** Reads along what an answer says of its own cost, in any pieces, and keeps little of it. */
export class UsageReader {
  readonly #dialect: UsageDialect;
  readonly #isStream: boolean;
  #usage: Usage | undefined;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #isTooLong = false;

  constructor(dialect: UsageDialect, contentType: string | undefined) {
    this.#dialect = dialect;
    this.#isStream = /^text\/event-stream\b/i.test(contentType ?? '');
  }

  feed(piece: Buffer): void {
    if (this.#dialect === 'none' || this.#dialect === 'requests') return;
    if (!this.#isStream) return this.#keep(piece, LONGEST_BODY);
    let from = 0;
    for (let end = piece.indexOf(10); end >= 0; end = piece.indexOf(10, from)) {
      this.#keep(piece.subarray(from, end), LONGEST_LINE);
      this.#line(this.#take());
      from = end + 1;
    }
    if (from < piece.length) this.#keep(piece.subarray(from), LONGEST_LINE);
  }

  /** What is known once the answer has ended, or was broken off. */
  end(): Usage | undefined {
    const rest = this.#take();
    if (this.#isStream) this.#line(rest);
    else this.#document(rest);
    return this.#usage;
  }

  #keep(piece: Buffer, most: number): void {
    if (this.#isTooLong || this.#keptBytes + piece.length > most) {
      this.#isTooLong = true;
      this.#kept = [];
      this.#keptBytes = 0;
      return;
    }
    this.#kept.push(piece);
    this.#keptBytes += piece.length;
  }

  #take(): string {
    const text = this.#kept.length === 1 ? (this.#kept[0]?.toString('utf8') ?? '') : Buffer.concat(this.#kept).toString('utf8');
    this.#kept = [];
    this.#keptBytes = 0;
    this.#isTooLong = false;
    return text;
  }

  #line(line: string): void {
    // Most events tell nothing of it: only those that may are read.
    if (line.startsWith('data:') && line.includes('"usage')) this.#document(line.slice(5));
  }

  #document(text: string): void {
    if (text === '') return;
    try {
      const event: unknown = JSON.parse(text);
      if (isRecord(event)) this.#usage = DIALECTS[this.#dialect](event, this.#usage ?? NO_USAGE) ?? this.#usage;
    } catch {
      // Not for us to judge: whoever asked sees it as it is.
    }
  }
}
