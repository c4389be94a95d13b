/**
 * Every server name that a careless server could find in these bytes: it joins the handshake records, stops checking where
 * lengths disagree, and takes each name of each list of each server_name extension.
 */
export function namesIn(bytes: Buffer): readonly string[] {
  const message = handshakeOf(bytes);
  let at = 4 + 2 + 32;
  at += 1 + (message[at] ?? 0);
  at += 2 + uint16(message, at);
  at += 1 + (message[at] ?? 0);
  const end = Math.min(message.length, at + 2 + uint16(message, at));
  at += 2;
  const names: string[] = [];
  while (at + 4 <= end) {
    const type = uint16(message, at);
    const length = uint16(message, at + 2);
    if (type === 0) names.push(...listed(message.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return names;
}

function listed(body: Buffer): readonly string[] {
  const names: string[] = [];
  for (let at = 2; at + 3 <= body.length; at += 3 + uint16(body, at + 1))
    names.push(`${body[at] === 0 ? '' : 'of another type: '}${body.toString('latin1', at + 3, at + 3 + uint16(body, at + 1))}`);
  return names;
}

function handshakeOf(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length && bytes[at] === 22; at += 5 + uint16(bytes, at + 3))
    parts.push(bytes.subarray(at + 5, at + 5 + uint16(bytes, at + 3)));
  return Buffer.concat(parts);
}

function uint16(bytes: Buffer, at: number): number {
  return (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
}
