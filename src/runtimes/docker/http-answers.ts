import type { Duplex } from 'node:stream';

/** One answer of the engine. Names of headers are in lower case. */
export type HttpAnswer = { readonly status: number; readonly headers: ReadonlyMap<string, string>; readonly body: Buffer };

/** Reads the answers of one connection, one after the other, in the order of the requests. */
export type HttpReader = {
  /** `bodiless`: the answer to HEAD. Rejects when the connection ends or says what is no HTTP. */
  next(bodiless?: boolean): Promise<HttpAnswer>;
};

const MOST_HEAD = 64 * 1024;
/** Of one answer: what is larger is nothing that is looked at here. */
const MOST_BODY = 32 * 1024 ** 2;

/** Over what is left of `head` and a stream's bytes. */
export function httpReader(stream: Duplex): HttpReader {
  const bytes = byteReader(stream);
  return {
    next: async (bodiless = false) => {
      const [first = '', ...lines] = (await bytes.until('\r\n\r\n', MOST_HEAD)).split('\r\n');
      const status = Number(/^HTTP\/1\.[01] (\d{3})\b/.exec(first)?.[1] ?? Number.NaN);
      if (!Number.isInteger(status)) throw new Error('the engine does not speak HTTP');
      const headers = new Map(lines.map((line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.slice(line.indexOf(':') + 1).trim()]));
      const none = bodiless || status === 204 || status === 304;
      return { status, headers, body: none ? Buffer.alloc(0) : await bodyOf(bytes, headers) };
    },
  };
}

async function bodyOf(bytes: ByteReader, headers: ReadonlyMap<string, string>): Promise<Buffer> {
  if (/\bchunked\b/i.test(headers.get('transfer-encoding') ?? '')) return chunked(bytes);
  const length = Number(headers.get('content-length'));
  if (!Number.isSafeInteger(length) || length < 0 || length > MOST_BODY) throw new Error('an answer without a usable length');
  return bytes.take(length);
}

async function chunked(bytes: ByteReader): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for (;;) {
    const line = await bytes.until('\r\n', 1024);
    const length = /^[0-9a-f]{1,8}(;.*)?$/i.test(line) ? Number.parseInt(line, 16) : Number.NaN;
    size += length;
    if (!(size <= MOST_BODY)) throw new Error('an answer that is too long, or in parts that make no sense');
    if (length === 0) break;
    parts.push(await bytes.take(length));
    if ((await bytes.take(2)).toString('latin1') !== '\r\n') throw new Error('an answer in parts that make no sense');
  }
  // Headers after the last part; an empty line ends them.
  while ((await bytes.until('\r\n', MOST_HEAD)) !== '');
  return Buffer.concat(parts);
}

type ByteReader = { until(mark: string, most: number): Promise<string>; take(count: number): Promise<Buffer> };

function byteReader(stream: Duplex): ByteReader {
  const chunks: AsyncIterator<unknown> = stream[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  const more = async (): Promise<void> => {
    const next = await chunks.next();
    if (next.done === true || !Buffer.isBuffer(next.value)) throw new Error('the engine ended the conversation');
    held = held.length === 0 ? next.value : Buffer.concat([held, next.value]);
  };
  const cut = (count: number): Buffer => {
    const part = held.subarray(0, count);
    held = held.subarray(count);
    return part;
  };
  return {
    until: async (mark, most) => {
      for (;;) {
        const at = held.indexOf(mark);
        if (at >= 0 && at <= most) return cut(at + mark.length).toString('latin1', 0, at);
        if (held.length > most) throw new Error('a line of the engine is too long');
        await more();
      }
    },
    take: async (count) => {
      const parts: Buffer[] = [];
      let missing = count;
      while (missing > 0) {
        if (held.length === 0) await more();
        const part = cut(missing);
        parts.push(part);
        missing -= part.length;
      }
      return Buffer.concat(parts);
    },
  };
}
