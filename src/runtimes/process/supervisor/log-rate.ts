/** What a service may write to its log at once, and per second from then on; in bytes. */
export const LOG_BURST = 1024 ** 2;
export const LOG_PER_SECOND = 64 * 1024;

/** Of what is dropped, the end is kept: there a service says why it ended. */
const KEPT_TAIL = 2000;

/**
 * Decides what of a service's output is written to its disk: all of it within a burst, then so much a second. In between nothing is written, and
 * after it one line says how many bytes are missing, followed by the last lines of them. Times are milliseconds of a clock that never goes back.
 */
export class LogRate {
  readonly #burst: number;
  readonly #perSecond: number;
  #credit: number;
  #at: number;
  #dropped: number | undefined;
  #tail = Buffer.alloc(0);
  #midLine = false;

  constructor(now: number, burst = LOG_BURST, perSecond = LOG_PER_SECOND) {
    this.#at = now;
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#credit = burst;
  }

  /** Whether bytes are being dropped: `settle` has to be called again. */
  get dropping(): boolean {
    return this.#dropped !== undefined;
  }

  /** What to write now that this came. */
  admit(chunk: Buffer, now: number): readonly Buffer[] {
    const before = this.settle(now);
    if (this.#dropped !== undefined) {
      this.#drop(chunk);
      return before;
    }
    const within = chunk.subarray(0, Math.max(0, this.#credit));
    this.#spend(within);
    if (within.length < chunk.length) this.#drop(chunk.subarray(within.length));
    return [...before, within];
  }

  /** What to write now that time has passed: what was missed, once there is room for a second's worth; at once at the `end`. */
  settle(now: number, end = false): readonly Buffer[] {
    this.#credit = Math.min(this.#burst, this.#credit + ((now - this.#at) * this.#perSecond) / 1000);
    this.#at = now;
    if (this.#dropped === undefined || (!end && this.#credit < Math.min(this.#perSecond, this.#burst))) return [];
    const cut = this.#dropped > this.#tail.length ? this.#tail.indexOf('\n') + 1 : 0;
    const tail = this.#tail.subarray(cut);
    const missing = this.#dropped - tail.length;
    const notice = missing === 0 ? [] : [Buffer.from(`${this.#midLine ? '\n' : ''}lobsterpot: ${missing} bytes dropped\n`)];
    this.#dropped = undefined;
    this.#tail = Buffer.alloc(0);
    const said = [...notice, tail];
    for (const one of said) this.#spend(one);
    return said;
  }

  #spend(part: Buffer): void {
    // Below nothing after a notice: what it took is missing from the next second.
    this.#credit -= part.length;
    if (part.length > 0) this.#midLine = part.at(-1) !== 10;
  }

  #drop(chunk: Buffer): void {
    this.#dropped = (this.#dropped ?? 0) + chunk.length;
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-KEPT_TAIL)]).subarray(-KEPT_TAIL);
  }
}
