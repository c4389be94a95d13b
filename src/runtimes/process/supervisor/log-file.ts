import { closeSync, openSync, fstatSync, renameSync, writeSync } from 'node:fs';

/** The greatest size of a service's log; there is one older file of the same size. */
export const LOG_BYTES = 4 * 1024 ** 2;

const REMEMBERED_LINES = 20;
const LINE_BYTES = 2000;

/**
 * A service's log: raw, untrusted bytes in two files of bounded size. This process writes it from pipes: a service that held the file itself
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

  constructor(path: string, older: string, most = LOG_BYTES) {
    this.#path = path;
    this.#older = older;
    this.#most = most;
    this.#fd = openLog(path);
    this.#size = fstatSync(this.#fd).size;
  }

  /** Appends; a disk that is full loses lines, never the service. */
  write(chunk: Buffer): void {
    this.#remember(chunk.toString('utf8'));
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

  close(): void {
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
