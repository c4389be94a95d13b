import type { Socket } from 'node:net';

/** Why a client's bytes did not become what was expected of them. */
export type IntakeFailure = { readonly failed: 'timeout' | 'closed' | 'too-long'; readonly bytes: number };

type IntakeLimits<T> = { readonly maxBytes: number; readonly timeoutMs: number; readonly used: (value: T) => number };

/** Who takes what a client sends once its first bytes are read. */
export type ClientUser = {
  readonly onBytes: (bytes: Buffer) => void;
  readonly onEnd: () => void;
  readonly onClose: () => void;
};

const NONE = Buffer.alloc(0);

type Told<T> = { readonly resolve: (value: T | IntakeFailure) => void; readonly reject: (error: unknown) => void };

/** What somebody waits for: something that `parse` makes of the bytes, or the reason why there is nothing. */
class Reading<T> {
  isDone = false;
  readonly #parse: (bytes: Buffer) => T | undefined;
  readonly #limits: IntakeLimits<T>;
  readonly #told: Told<T>;
  readonly #timer: NodeJS.Timeout;
  #length = 0;

  constructor(parse: (bytes: Buffer) => T | undefined, limits: IntakeLimits<T>, told: Told<T>) {
    this.#parse = parse;
    this.#limits = limits;
    this.#told = told;
    this.#timer = setTimeout(() => this.#end({ failed: 'timeout', bytes: this.#length }), limits.timeoutMs);
  }

  /** Looks at what has come so far, and gives how many of the bytes are done with. `isOver`: nothing will follow. */
  look(bytes: Buffer, isOver: boolean): number {
    try {
      return this.#look(bytes, isOver);
    } catch (error) {
      this.#stop();
      this.#told.reject(error);
      return 0;
    }
  }

  #look(bytes: Buffer, isOver: boolean): number {
    const { maxBytes, used } = this.#limits;
    const { length } = bytes;
    this.#length = length;
    // One read may bring more than the limit at once.
    const value = length > 0 ? this.#parse(length > maxBytes ? bytes.subarray(0, maxBytes) : bytes) : undefined;
    if (value !== undefined) {
      this.#end(value);
      return used(value);
    }
    if (length >= maxBytes) this.#end({ failed: 'too-long', bytes: length });
    else if (isOver) this.#end({ failed: 'closed', bytes: length });
    return 0;
  }

  #end(result: T | IntakeFailure): void {
    this.#stop();
    this.#told.resolve(result);
  }

  #stop(): void {
    this.isDone = true;
    clearTimeout(this.#timer);
  }
}

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
    // A closed socket stays in memory until the next full collection: not all that was made for it with it.
    this.#user = undefined;
    this.onGone?.();
    this.onGone = undefined;
    if (user) user.onClose();
    else this.#look();
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
