/** What the gate wants to know of a ClientHello. */
export type ClientHello = { readonly sni?: string; readonly encrypted: boolean };

export type HelloReading =
  | { readonly hello: ClientHello }
  | { readonly refused: 'not-tls' | 'malformed'; readonly detail: string }
  | undefined;

const RECORD_HANDSHAKE = 22;
const MAX_RECORD = 2 ** 14;
const HANDSHAKE_CLIENT_HELLO = 1;
const HEADER_BYTES = 4;
const EXTENSION_SERVER_NAME = 0;
// RFC 9849; a ClientHello with it may name another host inside than outside.
const EXTENSION_ENCRYPTED_HELLO = 0xfe0d;

/**
 * Reads the ClientHello at the start of a TLS stream, over as many records as it was cut into.
 * `undefined`: more bytes are needed; whoever calls bounds how many. Anything unclear is refused.
 */
export function readClientHello(bytes: Buffer): HelloReading {
  const message = joinRecords(bytes);
  if (message === undefined || 'refused' in message) return message;
  try {
    return { hello: readBody(new Cursor(message.bytes, message.from, message.to)) };
  } catch (error) {
    if (error instanceof Malformed) return { refused: 'malformed', detail: error.message };
    throw error;
  }
}

// Each call walks the records again, so what one byte costs must not grow with how finely the client cuts.
// Clients send one record; those that cut to get past a filter send two or three.
const MAX_RECORDS = 16;

/** Where the body of the message lies, behind its type and length. */
type Message = { readonly bytes: Buffer; readonly from: number; readonly to: number };

function joinRecords(bytes: Buffer): Message | Exclude<HelloReading, { hello: ClientHello }> {
  const rest: Buffer[] = [];
  let gathered = 0;
  // The message's own four bytes of type and length, as far as they are there: they too may be cut.
  let header = 0;
  let wanted = Number.POSITIVE_INFINITY;
  for (let at = 0, records = 0; ; records += 1) {
    if (at < bytes.length && bytes[at] !== RECORD_HANDSHAKE)
      return at === 0
        ? { refused: 'not-tls', detail: 'the first byte is no TLS handshake' }
        : malformed('another record inside the ClientHello');
    if (at + 1 < bytes.length && bytes[at + 1] !== 3)
      return at === 0 ? { refused: 'not-tls', detail: 'not a TLS version' } : malformed('not a TLS version');
    if (at + 5 > bytes.length) return undefined;
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > MAX_RECORD) return malformed('a record of an impossible length');
    if (records === MAX_RECORDS) return malformed(`cut into more than ${MAX_RECORDS} records`);
    const from = at + 5;
    const to = Math.min(from + length, bytes.length);
    for (let next = from; next < to && header < HEADER_BYTES; next += 1, header += 1) {
      const byte = bytes[next] ?? 0;
      if (header > 0) wanted = (header === 1 ? 0 : wanted) * 256 + byte;
      else if (byte !== HANDSHAKE_CLIENT_HELLO) return malformed('the first message is no ClientHello');
    }
    gathered += to - from;
    const isKnown = header === HEADER_BYTES;
    if (isKnown && gathered > HEADER_BYTES + wanted) return malformed('something follows the ClientHello in its record');
    if (to < from + length) return undefined;
    const isWhole = isKnown && gathered === HEADER_BYTES + wanted;
    // Nearly always: all of it in one record, read where it lies.
    if (isWhole && records === 0) return { bytes, from: from + HEADER_BYTES, to };
    rest.push(bytes.subarray(from, to));
    if (isWhole) return { bytes: Buffer.concat(rest), from: HEADER_BYTES, to: gathered };
    at = to;
  }
}

function readBody(cursor: Cursor): ClientHello {
  if (cursor.uint8() !== 3) throw new Malformed('an unknown version');
  cursor.skip(1 + 32);
  if (cursor.skip(cursor.uint8()) > 32) throw new Malformed('the session id is too long');
  const suites = cursor.skip(cursor.uint16());
  if (suites < 2 || suites % 2 !== 0) throw new Malformed('the list of ciphers is malformed');
  if (cursor.skip(cursor.uint8()) < 1) throw new Malformed('the list of compressions is empty');
  if (cursor.done) return { encrypted: false };
  const extensions = cursor.inside(cursor.uint16());
  cursor.finish();
  const seen = new Set<number>();
  let sni: string | undefined;
  while (!extensions.done) {
    const type = extensions.uint16();
    const body = extensions.inside(extensions.uint16());
    if (seen.has(type)) throw new Malformed('an extension stands there twice');
    seen.add(type);
    if (type === EXTENSION_SERVER_NAME) sni = readServerName(body);
  }
  return { encrypted: seen.has(EXTENSION_ENCRYPTED_HELLO), ...(sni === undefined ? {} : { sni }) };
}

function readServerName(extension: Cursor): string {
  const list = extension.inside(extension.uint16());
  extension.finish();
  if (list.uint8() !== 0) throw new Malformed('the server name is no host name');
  const name = list.text(list.uint16());
  list.finish();
  if (!/^[!-~]+$/.test(name)) throw new Malformed('the server name is empty or not ASCII');
  return name;
}

class Malformed extends Error {}

function malformed(detail: string): { readonly refused: 'malformed'; readonly detail: string } {
  return { refused: 'malformed', detail };
}

/** Goes over a stretch of bytes from its front, and copies nothing; past the end is `Malformed`. */
class Cursor {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, from: number, to: number) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
  }

  get done(): boolean {
    return this.#at === this.#end;
  }

  finish(): void {
    if (!this.done) throw new Malformed('bytes are left over');
  }

  /** Gives what it was asked to skip. */
  skip(length: number): number {
    if (length > this.#end - this.#at) throw new Malformed('it ends too early');
    this.#at += length;
    return length;
  }

  /** The next so many bytes by themselves. */
  inside(length: number): Cursor {
    const from = this.#at;
    this.skip(length);
    return new Cursor(this.#bytes, from, this.#at);
  }

  text(length: number): string {
    const from = this.#at;
    this.skip(length);
    return this.#bytes.toString('latin1', from, this.#at);
  }

  uint8(): number {
    this.skip(1);
    return this.#bytes[this.#at - 1] ?? 0;
  }

  uint16(): number {
    return this.uint8() * 256 + this.uint8();
  }
}
