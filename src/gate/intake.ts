import type { Socket } from 'node:net';
import { type IntakeFailure, type IntakeLimits, Reading } from './reading.ts';

/** Who takes what a client sends once its first bytes are read. */
export type ClientUser = {
  readonly onBytes: (bytes: Buffer) => void;
  readonly onEnd: () => void;
  readonly onClose: () => void;
};

const NONE = Buffer.alloc(0);

/** A client's side of a connection: its first bytes, read within limits, then all that comes for whoever takes over. */
export class Intake {
  readonly socket: Socket;
  /** Called when the client closes. */
  onGone: (() => void) | undefined;
  #user: ClientUser | undefined;
  #bytes: Buffer = NONE;
  #ended = false;
  #reading: Pick<Reading<unknown>, 'isDone' | 'look'> | undefined;

  readonly #onData = (chunk: Buffer): void => {
    if (this.#user) return this.#user.onBytes(chunk);
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    if (this.#isAwaited()) this.#look();
    // Nobody waits for it: one piece is kept, what follows stays with the kernel.
    else this.socket.pause();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    if (this.#user) this.#user.onEnd();
    else this.#look();
  };

  readonly #onClose = (): void => {
    this.#ended = true;
    const user = this.#user;
    this.#user = undefined;
    this.onGone?.();
    this.onGone = undefined;
    if (user) user.onClose();
    else this.#look();
    this.#reading = undefined;
    letGo(this.socket);
  };

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
  }

  /** Reads on until `parse` gives something. `used` tells how many bytes of it are done with. */
  read<T>(parse: (bytes: Buffer) => T | undefined, limits: IntakeLimits<T>): Promise<T | IntakeFailure> {
    return new Promise((resolve, reject) => {
      this.#reading = new Reading(parse, limits, { resolve, reject });
      this.#look();
      if (this.#isAwaited() && this.socket.isPaused()) this.socket.resume();
    });
  }

  #isAwaited(): boolean {
    return this.#reading !== undefined && !this.#reading.isDone;
  }

  #look(): void {
    if (!this.#reading || this.#reading.isDone) return;
    const used = this.#reading.look(this.#bytes, this.#ended || this.socket.destroyed);
    if (used > 0) this.#bytes = used === this.#bytes.length ? NONE : this.#bytes.subarray(used);
  }

  /** Hands over what was read and not used, and from now on all that comes. */
  handTo(user: ClientUser): { readonly rest: Buffer; readonly ended: boolean } {
    this.#user = user;
    const rest = this.#bytes;
    this.#bytes = NONE;
    return { rest, ended: this.#ended };
  }

  /** Stops listening, and hands over what was read and not used. Whoever takes over listens in the same turn. */
  release(): { readonly rest: Buffer; readonly ended: boolean } {
    this.socket.off('data', this.#onData);
    this.socket.off('end', this.#onEnd);
    this.socket.off('close', this.#onClose);
    const rest = this.#bytes;
    this.#bytes = NONE;
    return { rest, ended: this.#ended };
  }
}

/**
 * Node binds a function of each stream in V8's old generation, so a closed socket stays until the next full collection, and with it
 * would stay all that listens to it, copied by each small collection before.
 */
function letGo(socket: Socket): void {
  socket.removeAllListeners().on('error', ignore);
}

/** Nothing errs after its close; if it did, nobody listening would end the whole gate. */
function ignore(): void {}
