/** A message as DNS sends it over a stream: two bytes of length before it (RFC 7766). */
export type DnsFrame = { readonly message: Buffer; readonly length: number };

const PREFIX = 2;

/** A question is a name of 255 bytes and little more; no request begins with a byte as small as those of such a length. */
export const LONGEST_MESSAGE = 1023;

/** Do these first bytes of a connection begin such a message, and no request? */
export function isDnsFrame(bytes: Buffer): boolean {
  return bytes[0] !== undefined && bytes[0] <= LONGEST_MESSAGE >> 8;
}

/** The next message; `undefined`: more bytes are needed. */
export function readDnsFrame(bytes: Buffer): DnsFrame | { readonly refused: string } | undefined {
  if (bytes.length < PREFIX) return undefined;
  const size = bytes.readUInt16BE(0);
  if (size > LONGEST_MESSAGE) return { refused: `a message of ${size} bytes` };
  if (bytes.length < PREFIX + size) return undefined;
  return { message: bytes.subarray(PREFIX, PREFIX + size), length: PREFIX + size };
}

/** A message with its length before it. */
export function dnsFrame(message: Buffer): Buffer {
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt16BE(message.length);
  return Buffer.concat([prefix, message]);
}
