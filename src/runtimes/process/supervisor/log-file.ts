import { closeSync, openSync, fstatSync, renameSync, writeSync } from 'node:fs';

import { LogRate } from './log-rate.ts';

/** The greatest size of a service's log; there is one older file of the same size. */
export const LOG_BYTES = 4 * 1024 ** 2;

const REMEMBERED_LINES = 20;
const LINE_BYTES = 2000;
const SETTLE_EVERY_MS = 500;

/**
 * A service's log: raw, untrusted bytes in two files of bounded size, at a bounded rate. This process writes it from pipes: a service that held the file itself
 * could cut it (O_APPEND does not stop ftruncate).
 */
export class LogFile {
  readonly #path: string;
  readonly #older: string;
  readonly #most: number;
  #fd: number;
  #size: number;
  #rest = '';
  #lines: string[] = [];
  readonly #rate = new LogRate(performance.now());
  #settling: NodeJS.Timeout | undefined;

  constructor(path: string, older: string, most = LOG_BYTES) {
    this.#path = path;
    this.#older = older;
    this.#most = most;
    this.#fd = openLog(path);
    this.#size = fstatSync(this.#fd).size;
  }

  /** Appends what the rate allows; a disk that is full or a flood loses lines, never the service. */
  write(chunk: Buffer): void {
    this.#appendAll(this.#rate.admit(chunk, performance.now()));
    // Of a flood the last words are enough to remember.
    this.#remember((this.#rate.dropping ? chunk.subarray(-LINE_BYTES) : chunk).toString('utf8'));
    this.#settleLater();
  }

  #settleLater(): void {
    if (!this.#rate.dropping || this.#settling !== undefined) return;
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      this.#appendAll(this.#rate.settle(performance.now()));
      this.#settleLater();
    }, SETTLE_EVERY_MS);
    this.#settling.unref();
  }

  #appendAll(chunks: readonly Buffer[]): void {
    for (const chunk of chunks) this.#append(chunk);
  }

  #append(chunk: Buffer): void {
    try {
      for (let at = 0; at < chunk.length;) {
        if (this.#size >= this.#most) this.#rotate();
        const part = chunk.subarray(at, at + this.#most - this.#size);
        writeSync(this.#fd, part);
        this.#size += part.length;
        at += part.length;
      }
    } catch {
      // Nothing better can be done with a log that cannot be written.
    }
  }

  /** The last lines, without their ends. */
  last(): readonly string[] {
    return this.#rest === '' ? this.#lines : [...this.#lines, this.#rest];
  }

  /** Forgets the lines of an earlier start. */
  forget(): void {
    this.#lines = [];
    this.#rest = '';
  }

  /** Writes at once what is still to be said of dropped bytes. */
  flush(): void {
    this.#appendAll(this.#rate.settle(performance.now(), true));
  }

  close(): void {
    clearTimeout(this.#settling);
    this.flush();
    closeSync(this.#fd);
  }

  #rotate(): void {
    // Renamed and opened again: a descriptor that is kept would go on filling the older file.
    closeSync(this.#fd);
    renameSync(this.#path, this.#older);
    this.#fd = openLog(this.#path);
    this.#size = 0;
  }

  #remember(text: string): void {
    const parts = (this.#rest + text).split('\n');
    this.#rest = (parts.pop() ?? '').slice(-LINE_BYTES);
    this.#lines = [...this.#lines, ...parts.map((line) => line.slice(0, LINE_BYTES))].slice(-REMEMBERED_LINES);
  }
}

function openLog(path: string): number {
  return openSync(path, 'a', 0o600);
}
