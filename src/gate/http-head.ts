import { Kept } from './kept.ts';

/** One header field as it came, its name in lower case. */
export type Field = { readonly name: string; readonly value: string };

/** The first lines of an HTTP/1 request. */
export type Head = {
  readonly method: string;
  readonly target: string;
  readonly minor: 0 | 1;
  readonly fields: readonly Field[];
  /** Bytes up to and with the empty line. */
  readonly length: number;
};

const MAX_FIELDS = 100;

const LONGEST_KEPT = 512;
// A client says the same for every connection to one place. What might hold a credential is not kept.
const KEPT_FIELDS: ReadonlySet<string> = new Set(['host', 'user-agent', 'connection', 'proxy-connection', 'accept']);
const connects = new Kept<Head>(100);

/**
 * Reads a request's head strictly: CRLF only, no folded lines, no control characters, ASCII.
 * `undefined`: more bytes are needed; whoever calls bounds how many.
 */
export function readHead(bytes: Buffer): Head | { readonly refused: string } | undefined {
  const first = bytes[0];
  // Told apart at once, so that a TLS client that was pointed at the proxy by mistake does not wait for the time limit.
  if (first !== undefined && (first < 0x41 || first > 0x5a)) return { refused: 'not an HTTP request' };
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const text = bytes.toString('latin1', 0, end);
  const known = connects.get(text);
  if (known) return known;
  const head = readText(text);
  return end <= LONGEST_KEPT && isKept(head) ? connects.keep(text, head) : head;
}

function isKept(head: Head | { readonly refused: string }): head is Head {
  if ('refused' in head || head.method !== 'CONNECT' || head.target.includes('@')) return false;
  return head.fields.every(({ name }) => KEPT_FIELDS.has(name));
}

function readText(text: string): Head | { readonly refused: string } {
  const lines = text.split('\r\n');
  const request = /^([A-Z]{1,20}) ([!-~]+) HTTP\/1\.([01])$/.exec(lines[0] ?? '');
  if (!request) return { refused: 'the request line is not METHOD TARGET HTTP/1.1' };
  if (lines.length - 1 > MAX_FIELDS) return { refused: `more than ${MAX_FIELDS} header fields` };
  const fields: Field[] = [];
  for (let at = 1; at < lines.length; at += 1) {
    // One way to match only: with optional blanks in the pattern, a line full of them takes the cube of its length.
    const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t -~]*)$/.exec(lines[at] ?? '');
    if (!field) return { refused: 'a header field is malformed' };
    fields.push({ name: (field[1] ?? '').toLowerCase(), value: (field[2] ?? '').trim() });
  }
  return { method: request[1] ?? '', target: request[2] ?? '', minor: request[3] === '1' ? 1 : 0, fields, length: text.length + 4 };
}

const NONE: readonly string[] = [];

/** All values of one field. */
export function valuesOf(head: Head, name: string): readonly string[] {
  let values: string[] | undefined;
  for (const field of head.fields) if (field.name === name) (values ??= []).push(field.value);
  return values ?? NONE;
}
