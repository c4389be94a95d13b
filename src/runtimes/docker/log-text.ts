const HEAD = 8;

/** What a container said, of the engine's answer for its log: pieces, each with its stream and length before it. One that is cut off is an error. Pure. */
export function logText(log: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at < log.length;) {
    const [stream, end] = [log[at] ?? Number.NaN, at + HEAD + (at + HEAD <= log.length ? log.readUInt32BE(at + 4) : 0)];
    if (!(stream <= 2) || at + HEAD > log.length || end > log.length) throw new Error('a log that makes no sense');
    pieces.push(log.subarray(at + HEAD, end));
    at = end;
  }
  return Buffer.concat(pieces).toString('utf8');
}
