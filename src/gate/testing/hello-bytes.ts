import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';

/** The parts of a ClientHello that tests vary. */
export type HelloParts = {
  readonly extensions: readonly (readonly [type: number, body: Buffer])[];
  readonly sessionId?: Buffer;
  readonly suites?: readonly number[];
};

export const uint8 = (value: number): Buffer => Buffer.from([value & 255]);
export const uint16 = (value: number): Buffer => Buffer.from([(value >> 8) & 255, value & 255]);
export const uint24 = (value: number): Buffer => Buffer.concat([uint8(value >> 16), uint16(value)]);
export const vector8 = (...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([uint8(body.length), body]);
};
export const vector16 = (...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([uint16(body.length), body]);
};

/** The server_name extension for one host name. */
export function serverName(name: string): readonly [number, Buffer] {
  return [0, vector16(uint8(0), vector16(Buffer.from(name, 'latin1')))];
}

/** The handshake message, without records around it. */
export function helloMessage({ extensions, sessionId = Buffer.alloc(32, 7), suites = [0x1301, 0xc02f] }: HelloParts): Buffer {
  const body = Buffer.concat([
    uint16(0x0303),
    Buffer.alloc(32, 9),
    vector8(sessionId),
    vector16(...suites.map(uint16)),
    vector8(uint8(0)),
    vector16(...extensions.map(([type, content]) => Buffer.concat([uint16(type), vector16(content)]))),
  ]);
  return Buffer.concat([uint8(1), uint24(body.length), body]);
}

/** The message cut into TLS records of at most `size` bytes. */
export function inRecords(message: Buffer, size = 16_384): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size)
    records.push(Buffer.concat([uint8(22), uint16(0x0301), vector16(message.subarray(at, at + size))]));
  return Buffer.concat(records);
}

/** What Node's own TLS client says first. */
export function realHello(options: ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, done) => {
        resolve(chunk);
        done();
        // It may say so before `connect` has returned.
        setImmediate(() => socket.destroy());
      },
    });
    const socket = connect({ ...options, socket: wire });
    socket.on('error', () => {});
  });
}
