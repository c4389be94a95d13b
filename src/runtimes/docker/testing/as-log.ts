/** The engine's answer for the log of a container that said these pieces, each on the other output than the one before. */
export function asLog(...pieces: readonly string[]): Buffer {
  return Buffer.concat(
    pieces.flatMap((text, index) => {
      const head = Buffer.alloc(8);
      head[0] = 1 + (index % 2);
      head.writeUInt32BE(Buffer.byteLength(text), 4);
      return [head, Buffer.from(text)];
    }),
  );
}
