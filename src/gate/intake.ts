import type { Socket } from 'node:net';

/** Why a client's bytes did not become what was expected of them. */
export type IntakeFailure = { readonly failed: 'timeout' | 'closed' | 'too-long'; readonly bytes: number };

const NONE = Buffer.alloc(0);

/** The first bytes of a connection, read within limits; what was not used stays for whoever comes next. */
export class Intake {
  readonly #socket: Socket;
  #bytes: Buffer = NONE;
  #ended = false;
  #wake: (() => void) | undefined;

  readonly #onData = (chunk: Buffer): void => {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    this.#socket.pause();
    this.#wake?.();
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
    socket.pause();
  }

  /** Reads on until `parse` gives something. `used` tells how many bytes of it are done with. */
  async read<T>(
    parse: (bytes: Buffer) => T | undefined,
    limits: { readonly maxBytes: number; readonly timeoutMs: number; readonly used: (value: T) => number },
  ): Promise<T | IntakeFailure> {
    const endsAtMs = performance.now() + limits.timeoutMs;
    for (;;) {
      // One read may bring more than the limit at once.
      const bytes = this.#bytes.length > limits.maxBytes ? this.#bytes.subarray(0, limits.maxBytes) : this.#bytes;
      const value = bytes.length > 0 ? parse(bytes) : undefined;
      if (value !== undefined) {
        const used = limits.used(value);
        this.#bytes = used === this.#bytes.length ? NONE : this.#bytes.subarray(used);
        return value;
      }
      if (this.#bytes.length >= limits.maxBytes) return { failed: 'too-long', bytes: this.#bytes.length };
      if (this.#ended || this.#socket.destroyed) return { failed: 'closed', bytes: this.#bytes.length };
      if (!(await this.#more(endsAtMs - performance.now()))) return { failed: 'timeout', bytes: this.#bytes.length };
    }
  }

  /** Stops listening, leaves the socket paused, and hands over what was read and not used. */
  release(): { readonly rest: Buffer; readonly ended: boolean } {
    this.#socket.pause();
    this.#socket.off('data', this.#onData);
    this.#socket.off('end', this.#onEnd);
    this.#socket.off('close', this.#onEnd);
    const rest = this.#bytes;
    this.#bytes = NONE;
    return { rest, ended: this.#ended };
  }

  #more(timeoutMs: number): Promise<boolean> {
    if (timeoutMs <= 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      const limit = setTimeout(() => finish(false), timeoutMs);
      const finish = (isMore: boolean): void => {
        clearTimeout(limit);
        this.#wake = undefined;
        resolve(isMore);
      };
      this.#wake = () => finish(true);
      this.#socket.resume();
    });
  }
}
