import { connect, type Socket } from 'node:net';
import { reasonOf } from '../core/problem.ts';
import { letGoWhenClosed } from './let-go.ts';

/** A connection to a checked address. Nothing is read from it before its reading has started and the socket is resumed. */
export type Upstream = {
  readonly socket: Socket;
  readonly address: string;
  readonly reading: Pick<Reading, 'start' | 'release'>;
};

const SMALLEST = 8 * 1024;
const LARGEST = 256 * 1024;

/**
 * Dials the addresses in order until one answers or the client goes away. They are literals: nothing is looked up here.
 * One reused buffer a connection instead of a new one a chunk is what makes the tunnel cheap; it grows under load.
 */
export function dial(
  addresses: readonly string[],
  port: number,
  timeoutMs: number,
  client: Socket,
): Promise<Upstream | { readonly failed: string }> {
  const endsAtMs = performance.now() + timeoutMs;
  return new Promise((resolve) => {
    const dialFrom = (index: number, last: string): void => {
      const leftMs = endsAtMs - performance.now();
      const address = addresses[index];
      if (client.destroyed) return resolve({ failed: 'the client went away' });
      if (address === undefined || leftMs <= 0) return resolve({ failed: last });
      dialOne({ address, port, timeoutMs: leftMs / (addresses.length - index), client }, (dialled) =>
        'failed' in dialled ? dialFrom(index + 1, dialled.failed) : resolve(dialled),
      );
    };
    dialFrom(0, 'no address to dial');
  });
}

type Place = { readonly address: string; readonly port: number; readonly timeoutMs: number; readonly client: Socket };

function dialOne({ address, port, timeoutMs, client }: Place, done: (dialled: Upstream | { readonly failed: string }) => void): void {
  const reading = new Reading();
  let isDone = false;
  const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true, onread: reading.onread });
  letGoWhenClosed(socket);
  // Paused before it is connected, so that the first read happens only when the reader is set.
  socket.pause();
  const settle = (): boolean => {
    if (isDone) return false;
    isDone = true;
    clearTimeout(limit);
    client.off('close', onGone);
    return true;
  };
  const fail = (failed: string): void => {
    if (!settle()) return;
    socket.destroy();
    done({ failed });
  };
  const limit = setTimeout(() => fail('no answer within the time limit'), timeoutMs);
  const onGone = (): void => fail('the client went away');
  client.on('close', onGone);
  // Stays: a later error is for whoever carries the bytes, and with nobody to hear it it would end the whole gate.
  socket.on('error', (error) => fail(reasonOf(error)));
  socket.on('connect', () => {
    if (settle()) done({ socket, address, reading });
  });
}

// As many as are given back at once by a busy client; each is a connection's own until both its sides have closed.
const MOST_SPARE = 32;
const spare: Buffer[] = [];

/**
 * What a connection is read into. It doubles after full reads and shrinks after a run of small ones: many idle tunnels stay small.
 * A socket holds on to it for as long as it is held itself, so it knows of nothing but the bytes.
 */
class Reading {
  #buffer = spare.pop() ?? Buffer.allocUnsafeSlow(SMALLEST);
  #onBytes: ((bytes: Uint8Array) => boolean) | undefined;
  #small = 0;

  readonly onread = {
    buffer: (): Buffer => this.#buffer,
    callback: (length: number, buffer: Uint8Array): boolean => {
      this.#got(length);
      return this.#onBytes ? this.#onBytes(buffer.subarray(0, length)) : false;
    },
  };

  /** `onBytes` gets every chunk in a buffer that is used again after it returns true; false stops reading until `resume()`. */
  start(onBytes: (bytes: Uint8Array) => boolean): void {
    this.#onBytes = onBytes;
  }

  /** Both sides have closed: the buffer may be another connection's. */
  release(): void {
    if (this.#buffer.length === SMALLEST && spare.length < MOST_SPARE) spare.push(this.#buffer);
    this.#buffer = NONE;
    this.#onBytes = undefined;
  }

  #got(length: number): void {
    const size = this.#buffer.length;
    this.#small = length * 4 < size ? this.#small + 1 : 0;
    if (length === size && size < LARGEST) this.#buffer = Buffer.allocUnsafeSlow(size * 2);
    else if (this.#small > 64 && size > SMALLEST) this.#buffer = Buffer.allocUnsafeSlow(SMALLEST);
  }
}

const NONE = Buffer.alloc(0);
