import { styleText } from 'node:util';

import { formatDuration } from '../core/duration.ts';

/** Where a command's words go: stdout is the result, stderr the talk. */
export type Io = {
  out(text: string): void;
  talk(text: string): void;
  readonly colour: boolean;
  /** stderr is a terminal, so a line may be rewritten. */
  readonly live: boolean;
};

/** The process's own streams; colour only on a terminal and without NO_COLOR. */
export function processIo(): Io {
  const live = process.stderr.isTTY;
  return {
    out: (text) => void process.stdout.write(text),
    talk: (text) => void process.stderr.write(text),
    colour: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
    live,
  };
}

/** Red where colour is allowed. */
export function red(io: Io, text: string): string {
  return io.colour ? styleText('red', text, { validateStream: false }) : text;
}

/** Columns padded to their widest cell; the last one is not. Two spaces in front. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows
    .map((row) =>
      `  ${row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0))).join('   ')}`.trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

const NAME_WIDTH = 20;
const TEXT_WIDTH = 40;

/**
 * Tells one step: its name at once, its result and how long it took at the end.
 * On a terminal the line is rewritten; elsewhere only steps over a second announce themselves.
 */
export async function step<T>(
  io: Io,
  name: string,
  work: (say: (text: string) => void) => Promise<T>,
  result: (value: T) => string,
): Promise<T> {
  const begin = performance.now();
  let said = '';
  const say = (text: string): void => {
    said = text;
    if (io.live) io.talk(`\r\u001b[2K  ${name.padEnd(NAME_WIDTH)} ${text}`);
  };
  say('working');
  const announce = setTimeout(() => io.live || io.talk(`  ${name.padEnd(NAME_WIDTH)} ${said}\n`), 1000);
  try {
    const value = await work(say);
    const took = formatDuration(performance.now() - begin).padStart(8);
    io.talk(`${io.live ? '\r\u001b[2K' : ''}  ${name.padEnd(NAME_WIDTH)} ${result(value).padEnd(TEXT_WIDTH)}${took}\n`);
    return value;
  } catch (error) {
    io.talk(`${io.live ? '\r\u001b[2K' : ''}  ${name.padEnd(NAME_WIDTH)} ${red(io, 'failed')}\n`);
    throw error;
  } finally {
    clearTimeout(announce);
  }
}
