import type { Socket } from 'node:net';

/** Why a client's bytes did not become what was expected of them. */
export type IntakeFailure = { readonly failed: 'timeout' | 'closed' | 'too-long'; readonly bytes: number };

type IntakeLimits<T> = { readonly maxBytes: number; readonly timeoutMs: number; readonly used: (value: T) => number };

const NONE = Buffer.alloc(0);

/** The first bytes of a connection, read within limits; what was not used stays for whoever comes next. */
export class Intake {
  readonly #socket: Socket;
  #bytes: Buffer = NONE;
  #ended = false;
  /** Tries once more what is waited for. */
  #wake: (() => void) | undefined;

  readonly #onData = (chunk: Buffer): void => {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    if (this.#wake) this.#wake();
    // Nobody waits for it: one piece is kept, what follows stays with the kernel.
    else this.#socket.pause();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake?.();
  };

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onEnd);
  }

  /** Reads on until `parse` gives something. `used` tells how many bytes of it are done with. */
  read<T>(parse: (bytes: Buffer) => T | undefined, limits: IntakeLimits<T>): Promise<T | IntakeFailure> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => finish({ failed: 'timeout', bytes: this.#bytes.length }), limits.timeoutMs);
      const finish = (result: T | IntakeFailure): void => {
        clearTimeout(limit);
        this.#wake = undefined;
        resolve(result);
      };
      this.#wake = () => {
        try {
          const result = this.#take(parse, limits);
          if (result !== undefined) finish(result);
        } catch (error) {
          clearTimeout(limit);
          this.#wake = undefined;
          reject(error);
        }
      };
      this.#wake();
      if (this.#isWaiting() && this.#socket.isPaused()) this.#socket.resume();
    });
  }

  #isWaiting(): boolean {
    return this.#wake !== undefined;
  }

  #take<T>(parse: (bytes: Buffer) => T | undefined, { maxBytes, used }: IntakeLimits<T>): T | IntakeFailure | undefined {
    const { length } = this.#bytes;
    if (length > 0) {
      // One read may bring more than the limit at once.
      const value = parse(length > maxBytes ? this.#bytes.subarray(0, maxBytes) : this.#bytes);
      if (value !== undefined) {
        const taken = used(value);
        this.#bytes = taken === length ? NONE : this.#bytes.subarray(taken);
        return value;
      }
      if (length >= maxBytes) return { failed: 'too-long', bytes: length };
    }
    return this.#ended || this.#socket.destroyed ? { failed: 'closed', bytes: length } : undefined;
  }

  /** Stops listening, and hands over what was read and not used. Whoever takes over listens in the same turn. */
  release(): { readonly rest: Buffer; readonly ended: boolean } {
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('close', this.#onEnd);
    const rest = this.#bytes;
    this.#bytes = NONE;
    return { rest, ended: this.#ended };
  }
}
