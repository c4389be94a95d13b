/** A string of the SSH protocol (RFC 4251): four bytes of length, then the bytes. */
export function sshString(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** Four bytes, the highest first. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Takes strings and numbers off the front of a message; undefined once it is too short. */
export function wireReader(message: Uint8Array): {
  readonly string: () => Buffer | undefined;
  readonly number: () => number | undefined;
} {
  const bytes = Buffer.from(message);
  let at = 0;
  const take = (length: number): Buffer | undefined => {
    if (at + length > bytes.length) return undefined;
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = (): number | undefined => take(4)?.readUInt32BE(0);
  return {
    number,
    string: () => {
      const length = number();
      return length === undefined ? undefined : take(length);
    },
  };
}
