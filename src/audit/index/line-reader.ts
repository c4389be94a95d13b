import type { FileHandle } from 'node:fs/promises';
import { trailFileName } from '../../policy/trail-line.ts';
import { openTrailFolder, type TrailFolder } from '../open-trail.ts';

const USUAL_LINE = 2048;
const LONGEST_LINE = 64 * 1024;
// From so many lines on it is faster to read the whole file at once.
const MANY = 400;
const MOST_AT_ONCE = 64 * 1024 * 1024;

/** Reads single lines of a trail by where they begin. */
export class LineReader implements AsyncDisposable {
  readonly #folder: TrailFolder | undefined;
  #open: { readonly file: number; readonly handle: FileHandle; readonly all?: Buffer } | undefined;

  constructor(folder: TrailFolder | undefined) {
    this.#folder = folder;
  }

  static async open(path: string): Promise<LineReader> {
    return new LineReader(await openTrailFolder(path));
  }

  /** So many lines of this file are wanted next. */
  async prepare(file: number, lines: number): Promise<void> {
    await this.#close();
    const found = await this.#folder?.open(trailFileName(file));
    if (!found) return;
    const { handle, size } = found;
    this.#open = { file, handle };
    if (lines < MANY || size > MOST_AT_ONCE) return;
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(size), 0, size, 0);
    this.#open = { file, handle, all: buffer.subarray(0, bytesRead) };
  }

  /** The line that begins there, without its newline; undefined: there is none. */
  async lineAt(file: number, at: number): Promise<string | undefined> {
    if (this.#open?.file === file) return lineIn(this.#open, at);
    const found = await this.#folder?.open(trailFileName(file));
    if (!found) return undefined;
    await using handle = found.handle;
    return await lineIn({ handle }, at);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
    await this.#folder?.[Symbol.asyncDispose]();
  }

  async #close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.handle.close();
  }
}

async function lineIn({ handle, all }: { readonly handle: FileHandle; readonly all?: Buffer }, at: number): Promise<string | undefined> {
  if (all) {
    const end = all.indexOf(10, at);
    return end < 0 ? undefined : all.toString('utf8', at, end);
  }
  for (const size of [USUAL_LINE, LONGEST_LINE]) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(size), 0, size, at);
    const end = buffer.subarray(0, bytesRead).indexOf(10);
    if (end >= 0) return buffer.toString('utf8', 0, end);
  }
  return undefined;
}
