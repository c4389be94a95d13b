import { Socket } from 'node:net';

/** What becomes of a connection is told to whoever uses it at that time. */
export type UpstreamUser = {
  readonly onConnect: () => void;
  readonly onError: (error: Error) => void;
  /** The bytes lie in a buffer that is used again after it returned true; false stops reading until `socket.resume()`. */
  readonly onBytes: (bytes: Uint8Array) => boolean;
  readonly onEnd: () => void;
  readonly onDrain: () => void;
  readonly onClose: () => void;
};

// An error with nobody to hear it would end the whole gate.
const NOBODY: UpstreamUser = { onConnect() {}, onError() {}, onBytes: () => false, onEnd() {}, onDrain() {}, onClose() {} };

const SMALLEST = 8 * 1024;
const LARGEST = 256 * 1024;

// As many as are given back at once by a busy client.
const MOST_SPARE = 32;
const spare: Upstream[] = [];

/**
 * A connection to a checked address, and what it is read into. Nothing is read before somebody uses it and resumes its socket.
 * One reused buffer a connection instead of a new one a chunk is what makes a tunnel cheap: it doubles after full reads and
 * shrinks after a run of small ones, so that many idle tunnels stay small. The socket too is used again, as Node allows once
 * it has closed: a new one for each tunnel is what most of the collector's work would be about.
 */
export class Upstream {
  readonly socket: Socket;
  /** Where it was dialled. */
  address = '';
  #user = NOBODY;
  #buffer = Buffer.allocUnsafeSlow(SMALLEST);
  #small = 0;
  /** It has said so itself: `closed` is true a turn before, and what comes then would be the next connection's. */
  #hasClosed = false;

  /** A new one, or one whose connection has closed. */
  static take(): Upstream {
    return spare.pop() ?? new Upstream();
  }

  private constructor() {
    this.socket = new Socket({
      allowHalfOpen: true,
      onread: { buffer: () => this.#buffer, callback: (length, buffer) => this.#got(length, buffer) },
    });
    this.socket.setNoDelay(true);
    this.socket.on('connect', () => this.#user.onConnect());
    this.socket.on('error', (error) => this.#user.onError(error));
    this.socket.on('end', () => this.#user.onEnd());
    this.socket.on('drain', () => this.#user.onDrain());
    this.socket.on('close', () => {
      this.#hasClosed = true;
      this.#user.onClose();
    });
  }

  /** Dials a literal address: nothing is looked up here. */
  connect(address: string, port: number, user: UpstreamUser): void {
    this.address = address;
    this.#user = user;
    this.#hasClosed = false;
    // Before it is connected, so that the first read happens only when somebody takes the bytes.
    this.socket.pause();
    this.socket.connect({ host: address, port });
  }

  /** From now on `user` is told. */
  handTo(user: UpstreamUser): void {
    this.#user = user;
  }

  /** Nobody uses it from here on, its last user included: it may be another connection's the next moment. */
  release(): void {
    this.#user = NOBODY;
    const { socket } = this;
    // Only after an orderly end, so that nothing of this connection can turn up in the next.
    const isClean = this.#hasClosed && socket.errored === null && socket.readableEnded && socket.writableLength === 0;
    if (isClean && this.#buffer.length === SMALLEST && spare.length < MOST_SPARE) spare.push(this);
    else socket.destroy();
  }

  #got(length: number, buffer: Uint8Array): boolean {
    const size = this.#buffer.length;
    this.#small = length * 4 < size ? this.#small + 1 : 0;
    if (length === size && size < LARGEST) this.#buffer = Buffer.allocUnsafeSlow(size * 2);
    else if (this.#small > 64 && size > SMALLEST) this.#buffer = Buffer.allocUnsafeSlow(SMALLEST);
    return this.#user.onBytes(buffer.subarray(0, length));
  }
}
