/** What the gate wants to know of a ClientHello. */
export type ClientHello = { readonly sni?: string; readonly encrypted: boolean };

export type HelloReading =
  | { readonly hello: ClientHello }
  | { readonly refused: 'not-tls' | 'malformed'; readonly detail: string }
  | undefined;

const RECORD_HANDSHAKE = 22;
const MAX_RECORD = 2 ** 14;
const HANDSHAKE_CLIENT_HELLO = 1;
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
    return { hello: readBody(new Cursor(message.body)) };
  } catch (error) {
    if (error instanceof Malformed) return { refused: 'malformed', detail: error.message };
    throw error;
  }
}

// Each call walks the records again, so what one byte costs must not grow with how finely the client cuts.
// Clients send one record; those that cut to get past a filter send two or three.
const MAX_RECORDS = 16;

function joinRecords(bytes: Buffer): { readonly body: Buffer } | Exclude<HelloReading, { hello: ClientHello }> {
  const fragments: Buffer[] = [];
  let gathered = 0;
  for (let at = 0; ;) {
    if (at < bytes.length && bytes[at] !== RECORD_HANDSHAKE)
      return at === 0
        ? { refused: 'not-tls', detail: 'the first byte is no TLS handshake' }
        : malformed('another record inside the ClientHello');
    if (at + 1 < bytes.length && bytes[at + 1] !== 3)
      return at === 0 ? { refused: 'not-tls', detail: 'not a TLS version' } : malformed('not a TLS version');
    if (at + 5 > bytes.length) return undefined;
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0 || length > MAX_RECORD) return malformed('a record of an impossible length');
    if (fragments.length === MAX_RECORDS) return malformed(`cut into more than ${MAX_RECORDS} records`);
    const fragment = bytes.subarray(at + 5, at + 5 + length);
    fragments.push(fragment);
    gathered += fragment.length;
    const start = firstBytes(fragments);
    if (start.length >= 1 && start[0] !== HANDSHAKE_CLIENT_HELLO) return malformed('the first message is no ClientHello');
    const wanted = start.length === 4 ? 4 + start.readUIntBE(1, 3) : undefined;
    if (wanted !== undefined && gathered > wanted) return malformed('something follows the ClientHello in its record');
    if (fragment.length < length) return undefined;
    if (wanted !== undefined && gathered === wanted) return { body: Buffer.concat(fragments).subarray(4) };
    at += 5 + length;
  }
}

/** The message's type and length, as far as they are there. */
function firstBytes(fragments: readonly Buffer[]): Buffer {
  return Buffer.concat(fragments.slice(0, 4).map((fragment) => fragment.subarray(0, 4))).subarray(0, 4);
}

function readBody(cursor: Cursor): ClientHello {
  if (cursor.uint8() !== 3) throw new Malformed('an unknown version');
  cursor.skip(1 + 32);
  if (cursor.vector8().length > 32) throw new Malformed('the session id is too long');
  const suites = cursor.vector16().length;
  if (suites < 2 || suites % 2 !== 0) throw new Malformed('the list of ciphers is malformed');
  if (cursor.vector8().length < 1) throw new Malformed('the list of compressions is empty');
  if (cursor.done) return { encrypted: false };
  const extensions = new Cursor(cursor.vector16());
  cursor.finish();
  const seen = new Set<number>();
  let sni: string | undefined;
  while (!extensions.done) {
    const type = extensions.uint16();
    const body = extensions.vector16();
    if (seen.has(type)) throw new Malformed('an extension stands there twice');
    seen.add(type);
    if (type === EXTENSION_SERVER_NAME) sni = readServerName(body);
  }
  return { encrypted: seen.has(EXTENSION_ENCRYPTED_HELLO), ...(sni === undefined ? {} : { sni }) };
}

function readServerName(body: Buffer): string {
  const outer = new Cursor(body);
  const list = new Cursor(outer.vector16());
  outer.finish();
  if (list.uint8() !== 0) throw new Malformed('the server name is no host name');
  const name = list.vector16();
  list.finish();
  if (name.length === 0 || name.some((byte) => byte < 33 || byte > 126)) throw new Malformed('the server name is empty or not ASCII');
  return name.toString('latin1');
}

class Malformed extends Error {}

function malformed(detail: string): { readonly refused: 'malformed'; readonly detail: string } {
  return { refused: 'malformed', detail };
}

/** Takes lengths and bytes from the front; past the end is `Malformed`. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  finish(): void {
    if (!this.done) throw new Malformed('bytes are left over');
  }

  skip(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Malformed('it ends too early');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  uint8(): number {
    return this.skip(1).readUInt8();
  }

  uint16(): number {
    return this.skip(2).readUInt16BE();
  }

  vector8(): Buffer {
    return this.skip(this.uint8());
  }

  vector16(): Buffer {
    return this.skip(this.uint16());
  }
}
