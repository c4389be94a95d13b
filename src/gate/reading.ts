/** Why a client's bytes did not become what was expected of them. */
export type IntakeFailure = { readonly failed: 'timeout' | 'closed' | 'too-long'; readonly bytes: number };

export type IntakeLimits<T> = { readonly maxBytes: number; readonly timeoutMs: number; readonly used: (value: T) => number };

type Told<T> = { readonly resolve: (value: T | IntakeFailure) => void; readonly reject: (error: unknown) => void };

/** What somebody waits for: something that `parse` makes of the bytes, or the reason why there is nothing. */
export class Reading<T> {
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
