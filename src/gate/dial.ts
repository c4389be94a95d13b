import { connect, type Socket } from 'node:net';
import { reasonOf } from '../core/problem.ts';

/** A connection to a checked address. Nothing is read from it before `onBytes` is set and the socket resumed. */
export type Upstream = {
  readonly socket: Socket;
  readonly address: string;
  /** Gets every chunk in a buffer that is used again after it returns true; false stops reading until `resume()`. */
  setReader(onBytes: (bytes: Uint8Array) => boolean): void;
  /** Both sides have closed: the buffer may be another connection's. */
  release(): void;
};

const SMALLEST = 8 * 1024;
const LARGEST = 256 * 1024;

/**
 * Dials the addresses in order until one answers or the client goes away. They are literals: nothing is looked up here.
 * One reused buffer a connection instead of a new one a chunk is what makes the tunnel cheap; it grows under load.
 */
export async function dial(
  addresses: readonly string[],
  port: number,
  timeoutMs: number,
  client: Socket,
): Promise<Upstream | { readonly failed: string }> {
  const endsAtMs = performance.now() + timeoutMs;
  let last = 'no address to dial';
  for (const [index, address] of addresses.entries()) {
    const left = endsAtMs - performance.now();
    if (client.destroyed) return { failed: 'the client went away' };
    if (left <= 0) break;
    const upstream = await dialOne(address, port, left / (addresses.length - index), client);
    if ('socket' in upstream) return upstream;
    last = upstream.failed;
  }
  return { failed: last };
}

function dialOne(address: string, port: number, timeoutMs: number, client: Socket): Promise<Upstream | { readonly failed: string }> {
  const reading = new GrowingBuffer();
  let onBytes: ((bytes: Uint8Array) => boolean) | undefined;
  const socket = connect({
    host: address,
    port,
    allowHalfOpen: true,
    noDelay: true,
    onread: {
      buffer: () => reading.current,
      callback: (length, buffer) => {
        reading.got(length);
        return onBytes ? onBytes(buffer.subarray(0, length)) : false;
      },
    },
  });
  // Paused before it is connected, so that the first read happens only when the reader is set.
  socket.pause();
  return new Promise((resolve) => {
    const limit = setTimeout(() => finish({ failed: 'no answer within the time limit' }), timeoutMs);
    const onGone = (): void => finish({ failed: 'the client went away' });
    const onError = (error: Error): void => finish({ failed: reasonOf(error) });
    const finish = (result: { readonly failed: string } | undefined): void => {
      clearTimeout(limit);
      client.off('close', onGone);
      socket.off('error', onError);
      // An error after this one has nobody to go to, and would end the whole gate.
      socket.on('error', () => {});
      if (result) socket.destroy();
      resolve(result ?? { socket, address, setReader: (reader) => (onBytes = reader), release: () => reading.release() });
    };
    client.once('close', onGone);
    socket.once('error', onError);
    socket.once('connect', () => finish(undefined));
  });
}

// As many as are given back at once by a busy client; each is a connection's own until both its sides have closed.
const MOST_SPARE = 32;
const spare: Buffer[] = [];

/** Doubles after full reads, shrinks after a run of small ones: many idle tunnels stay small. */
class GrowingBuffer {
  current = spare.pop() ?? Buffer.allocUnsafeSlow(SMALLEST);
  #small = 0;

  got(length: number): void {
    const size = this.current.length;
    this.#small = length * 4 < size ? this.#small + 1 : 0;
    if (length === size && size < LARGEST) this.current = Buffer.allocUnsafeSlow(size * 2);
    else if (this.#small > 64 && size > SMALLEST) this.current = Buffer.allocUnsafeSlow(SMALLEST);
  }

  release(): void {
    if (this.current.length === SMALLEST && spare.length < MOST_SPARE) spare.push(this.current);
    this.current = NONE;
  }
}

const NONE = Buffer.alloc(0);
