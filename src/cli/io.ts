import { styleText } from 'node:util';

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
