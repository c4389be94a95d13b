/** What somebody asks a resolver for. */
export type NameQuestion = {
  /** In lower case; bytes that no host name has as `\DDD`; at most 255 characters. */
  readonly name: string;
  /** `A`, `TXT`, or `TYPE65280`. */
  readonly type: string;
  /** What makes it no proper question although its name could be read. */
  readonly odd?: string;
  /** Where the question ends in the message. */
  readonly end: number;
};

const HEADER = 12;
const LONGEST_NAME = 255;
const LONGEST_LABEL = 63;
const LONGEST_TEXT = 255;
const INTERNET = 1;
const RESPONSE_OR_OPCODE = 0xf800;
const OPCODE_AND_RD = 0x7900;
const IS_RESPONSE = 0x8000;
const REFUSED = 5;
const FORMAT_ERROR = 1;

// https://www.iana.org/assignments/dns-parameters: what programs ask for in practice, and what carries data well.
const TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [6, 'SOA'],
  [10, 'NULL'],
  [12, 'PTR'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [33, 'SRV'],
  [35, 'NAPTR'],
  [64, 'SVCB'],
  [65, 'HTTPS'],
  [255, 'ANY'],
]);

/** Reads the one question of a DNS message. A name that can be read is told even when the rest is wrong: it may be what carries data. */
export function readQuestion(message: Buffer): NameQuestion | { readonly malformed: string } {
  if (message.length < HEADER) return { malformed: 'shorter than a header' };
  const labels: string[] = [];
  let at = HEADER;
  for (;;) {
    const size = message[at];
    if (size === undefined) return { malformed: 'the name does not end' };
    at += 1;
    if (size === 0) break;
    // A pointer has nothing to point at in front of the first name.
    if (size > LONGEST_LABEL) return { malformed: 'a label that is none' };
    if (at + size > message.length) return { malformed: 'the name does not end' };
    labels.push(labelText(message.subarray(at, at + size)));
    at += size;
    if (at - HEADER >= LONGEST_NAME) return { malformed: 'the name is too long' };
  }
  const end = at + 4;
  if (end > message.length) return { malformed: 'it ends behind the name' };
  const type = message.readUInt16BE(at);
  const odd = oddity(message, message.readUInt16BE(at + 2), end);
  return { name: nameText(labels), type: TYPES.get(type) ?? `TYPE${type}`, ...(odd === undefined ? {} : { odd }), end };
}

function oddity(message: Buffer, kind: number, end: number): string | undefined {
  if ((message.readUInt16BE(2) & RESPONSE_OR_OPCODE) !== 0) return 'not a query';
  if (message.readUInt16BE(4) !== 1) return `${message.readUInt16BE(4)} questions`;
  if (message.readUInt16BE(6) + message.readUInt16BE(8) !== 0) return 'a query with answers';
  if (kind !== INTERNET) return `class ${kind}`;
  // What a resolver may add, EDNS, is one record; anything else behind the question is told by its size.
  const behind = message.length - end;
  return message.readUInt16BE(10) > 1 || (message.readUInt16BE(10) === 0 && behind > 0) ? `${behind} bytes behind the question` : undefined;
}

/** Names are compared without case, so one spelling stands for all. */
function labelText(bytes: Uint8Array): string {
  return [...bytes]
    .map((byte) => {
      const character = String.fromCodePoint(byte).toLowerCase();
      return /^[a-z0-9_-]$/.test(character) ? character : `\\${String(byte).padStart(3, '0')}`;
    })
    .join('');
}

function nameText(labels: readonly string[]): string {
  const text = labels.length === 0 ? '.' : labels.join('.');
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 3)}...` : text;
}

/** The answer to any message with a header: REFUSED with its question, or a format error; no record of any kind. */
export function refuseQuestion(message: Buffer, read: ReturnType<typeof readQuestion>): Buffer {
  const isRead = !('malformed' in read);
  const answer = Buffer.from(message.subarray(0, isRead ? read.end : HEADER));
  answer.fill(0, 4, HEADER);
  answer.writeUInt16BE(IS_RESPONSE | (message.readUInt16BE(2) & OPCODE_AND_RD) | (isRead ? REFUSED : FORMAT_ERROR), 2);
  if (isRead) answer.writeUInt16BE(1, 4);
  return answer;
}
