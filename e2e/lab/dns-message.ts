import { isIPv4 } from 'node:net';
import { addressBytes } from './address-bytes.ts';

export type Question = { readonly id: number; readonly name: string; readonly type: string; readonly end: number };

const TYPES: Readonly<Record<number, string>> = {
  1: 'A',
  2: 'NS',
  5: 'CNAME',
  12: 'PTR',
  15: 'MX',
  16: 'TXT',
  28: 'AAAA',
  33: 'SRV',
  65: 'HTTPS',
};

/** Reads the one question of a DNS query; undefined when it is not a query with one question. */
export function parseQuestion(message: Buffer): Question | undefined {
  if (message.length < 17 || message.readUInt16BE(4) !== 1 || (message.readUInt16BE(2) & 0x8000) !== 0) return undefined;
  const labels: string[] = [];
  let at = 12;
  for (;;) {
    const size = message[at];
    if (size === undefined || size > 63) return undefined;
    at += 1;
    if (size === 0) break;
    if (at + size > message.length) return undefined;
    labels.push(message.toString('latin1', at, at + size));
    at += size;
  }
  if (at + 4 > message.length) return undefined;
  const type = message.readUInt16BE(at);
  return { id: message.readUInt16BE(0), name: labels.join('.').toLowerCase(), type: TYPES[type] ?? String(type), end: at + 4 };
}

/** The reply: `addresses` undefined means that the name does not exist; those of another family are left out. */
export function encodeReply(query: Buffer, question: Question, addresses: readonly string[] | undefined, ttl: number): Buffer {
  const fitting = (addresses ?? []).filter((address) =>
    question.type === 'A' ? isIPv4(address) : question.type === 'AAAA' && !isIPv4(address),
  );
  const head = Buffer.alloc(12);
  head.writeUInt16BE(question.id, 0);
  head.writeUInt16BE(0x8580 | (addresses === undefined ? 3 : 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(fitting.length, 6);
  const records = fitting.map((address) => {
    const data = addressBytes(address);
    const fixed = Buffer.alloc(12);
    fixed.writeUInt16BE(0xc00c, 0);
    fixed.writeUInt16BE(isIPv4(address) ? 1 : 28, 2);
    fixed.writeUInt16BE(1, 4);
    fixed.writeUInt32BE(ttl, 6);
    fixed.writeUInt16BE(data.length, 10);
    return Buffer.concat([fixed, data]);
  });
  return Buffer.concat([head, query.subarray(12, question.end), ...records]);
}
