import { hash } from 'node:crypto';
import { isRecord } from '../../core/json.ts';

// `,"hash":"` + 64 digits + `"}`: what a line ends in, after the text that its hash is of.
const MARK = Buffer.from(',"hash":"');
const DIGITS = 64;
const TAIL = MARK.length + DIGITS + 2;
const QUOTE = 0x22;
const BRACE = 0x7d;

/** A record that was opened without making a text of the whole line. */
export type OpenedBytes = {
  readonly record: Readonly<Record<string, unknown>>;
  readonly seq: number;
  readonly time: number;
  readonly hash: string;
};

/**
 * What the line at `start` to `end` (without its newline) says, if its own hash fits; the same as `openLine`, twice as fast.
 * Changes one byte of the buffer, so a line is opened once.
 */
export function openBytes(bytes: Buffer, start: number, end: number): OpenedBytes | undefined {
  const cut = end - TAIL;
  if (cut <= start || bytes.compare(MARK, 0, MARK.length, cut, cut + MARK.length) !== 0) return undefined;
  if (bytes[end - 2] !== QUOTE || bytes[end - 1] !== BRACE) return undefined;
  const own = bytes.toString('latin1', cut + MARK.length, end - 2);
  bytes[cut] = BRACE;
  if (hash('sha256', bytes.subarray(start, cut + 1)) !== own) return undefined;
  try {
    const record: unknown = JSON.parse(bytes.toString('utf8', start, cut + 1));
    if (!isRecord(record)) return undefined;
    const { seq, time } = record;
    if (typeof seq !== 'number' || typeof time !== 'number') return undefined;
    return { record, seq, time, hash: own };
  } catch {
    return undefined;
  }
}
