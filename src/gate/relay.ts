import type { Socket } from 'node:net';
import type { ClientUser, Intake } from './intake.ts';
import type { Upstream, UpstreamUser } from './upstream.ts';

/** Bytes so far and when the last one came (`performance.now()`). */
export type RelayCount = { up: number; down: number; lastMs: number };

type Options = {
  readonly head?: Uint8Array;
  readonly count: RelayCount;
  readonly limitUp?: (bytes: Uint8Array) => Uint8Array | undefined;
  readonly onOver: (why: 'closed' | 'error') => void;
};

const NOTHING = Buffer.alloc(0);

/**
 * Carries bytes both ways until both sides have ended or one fails. `head` goes upstream first and as it is, then what the
 * client had sent already; `limitUp` may cut what the client sends (a request's body), undefined breaks off.
 */
export class Relay {
  readonly #intake: Intake;
  readonly #client: Socket;
  readonly #upstream: Upstream;
  readonly #server: Socket;
  readonly #options: Options;
  #failed = false;
  #isClientClosed = false;
  #isServerClosed = false;
  /** Closed by the relay itself, after both ends: nothing was left to be said. */
  #isClientOver = false;
  #isServerOver = false;

  constructor(client: Intake, upstream: Upstream, options: Options) {
    this.#client = client.socket;
    this.#upstream = upstream;
    this.#server = upstream.socket;
    this.#options = options;
    this.#intake = client;
  }

  /** Takes both sides over. */
  start(): void {
    const { rest, ended } = this.#intake.handTo(this.#ofClient);
    this.#upstream.handTo(this.#ofServer);
    // A side that is gone already (a client that closed without reading its 200) may have said so before anybody listened.
    if (this.#client.closed) this.#ofClient.onClose();
    if (this.#server.closed) this.#ofServer.onClose();
    if (this.#client.destroyed || this.#server.destroyed) this.destroy();
    else this.#begin(rest, ended);
  }

  #begin(rest: Buffer, ended: boolean): void {
    if (this.#options.head) this.#server.write(this.#options.head);
    if (rest.length > 0) this.#sendUp(rest);
    if (ended) this.#server.end();
    this.#server.resume();
    this.#client.resume();
  }

  /** Breaks both sides off. */
  destroy(): void {
    if (this.#isOver()) return;
    this.#client.destroy();
    this.#server.destroy();
  }

  readonly #ofClient: ClientUser = {
    onBytes: (bytes) => {
      if (!this.#sendUp(bytes)) this.#client.pause();
    },
    onEnd: () => {
      if (!isOver(this.#server)) return void this.#server.end();
      this.#isServerOver = true;
      this.#server.destroy();
    },
    onClose: () => {
      if (this.#isClientClosed) return;
      this.#isClientClosed = true;
      this.#onClose(this.#client, this.#server, this.#isClientOver);
    },
  };

  readonly #ofServer: UpstreamUser = {
    onConnect: () => {},
    onError: () => {},
    onBytes: (bytes) => this.#sendDown(bytes),
    onEnd: () => {
      if (!isOver(this.#client)) return void this.#client.end();
      this.#isClientOver = true;
      this.#client.destroy();
    },
    onDrain: () => this.#client.resume(),
    onClose: () => {
      if (this.#isServerClosed) return;
      this.#isServerClosed = true;
      this.#onClose(this.#server, this.#client, this.#isServerOver);
    },
  };

  #sendUp(bytes: Uint8Array): boolean {
    const { limitUp, count } = this.#options;
    const kept = limitUp ? limitUp(bytes) : bytes;
    if (!kept) {
      this.#failed = true;
      this.#client.destroy();
      return false;
    }
    count.up += kept.length;
    count.lastMs = performance.now();
    return kept.length === 0 || this.#server.write(kept);
  }

  #sendDown(bytes: Uint8Array): boolean {
    const { count } = this.#options;
    count.down += bytes.length;
    count.lastMs = performance.now();
    this.#client.write(bytes);
    // Written at once: the buffer is free again.
    if (this.#client.writableLength === 0) return true;
    // Else it is in use until what is written behind it is done.
    this.#client.write(NOTHING, () => this.#server.resume());
    return false;
  }

  /** The upstream may be another connection's by now. */
  #isOver(): boolean {
    return this.#isClientClosed && this.#isServerClosed;
  }

  #onClose(one: Socket, other: Socket, isInOrder: boolean): void {
    // A side that closed without an end leaves the other nothing to wait for.
    if (!isInOrder && !(one.readableEnded && one.writableFinished)) other.destroy();
    if (one.errored) this.#failed = true;
    if (!this.#isOver()) return;
    this.#upstream.release();
    this.#options.onOver(this.#failed ? 'error' : 'closed');
  }
}

/** It has said all that it will, and all that was for it is on its way: to close it is enough, an end of its own would be one step more. */
function isOver(socket: Socket): boolean {
  return socket.readableEnded && socket.writableLength === 0;
}
