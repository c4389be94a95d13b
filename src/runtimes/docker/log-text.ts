const HEAD = 8;
const ERRORS = 2;

/** What a container said on each of its outputs. */
export type LogText = { readonly out: string; readonly errors: string };

/** What a container said, of the engine's answer for its log: pieces, each with its output and length before it. One that is cut off is an error. Pure. */
export function logText(log: Buffer): LogText {
  const pieces: { readonly isError: boolean; readonly bytes: Buffer }[] = [];
  for (let at = 0; at < log.length;) {
    const [stream, end] = [log[at] ?? Number.NaN, at + HEAD + (at + HEAD <= log.length ? log.readUInt32BE(at + 4) : 0)];
    if (!(stream <= ERRORS) || at + HEAD > log.length || end > log.length) throw new Error('a log that makes no sense');
    pieces.push({ isError: stream === ERRORS, bytes: log.subarray(at + HEAD, end) });
    at = end;
  }
  const textOf = (isError: boolean): string =>
    Buffer.concat(pieces.filter((one) => one.isError === isError).map((one) => one.bytes)).toString('utf8');
  return { out: textOf(false), errors: textOf(true) };
}
