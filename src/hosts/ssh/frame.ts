import { quoteWord } from './quote.ts';

/** What of one output was between the marks, and what the end mark said. */
export type Framed = {
  /** The process of the far shell; undefined when it never started. */
  readonly pid: number | undefined;
  /** How the script ended; undefined when the end was not heard of. */
  readonly code: number | undefined;
  readonly stderr: string;
};

/**
 * A script in a frame: a mark on both outputs before it, and its exit code on stderr after it. What a login file prints
 * comes before the marks, and an exit code of 255 is told apart from ssh's own.
 */
export function framed(script: string, mark: string): string {
  return [
    'unset s',
    'umask 077',
    'LC_ALL=C; export LC_ALL',
    `echo ${quoteWord(mark)}`,
    `echo ${quoteWord(mark)} $$ >&2`,
    `(\n${script}\n)`,
    'c=$?',
    // A line of its own, whatever the script left unfinished.
    `printf '\\n%s %s\\n' ${quoteWord(mark)} "$c" >&2`,
    'exit 0',
  ].join('\n');
}

/** Where the script's own output begins in stdout; undefined while the mark is not there. */
export function outputStart(stdout: Buffer, mark: string): number | undefined {
  const line = Buffer.from(`${mark}\n`);
  const at = stdout.indexOf(line);
  return at < 0 ? undefined : at + line.length;
}

/** Takes stderr apart: ssh's and the login files' words before the first mark, the script's own after it. */
export function parseStderr(stderr: string, mark: string): Framed {
  const begin = new RegExp(`${mark} (\\d+)\\n`).exec(stderr);
  if (!begin) return { pid: undefined, code: undefined, stderr };
  const rest = stderr.slice(begin.index + begin[0].length);
  const end = new RegExp(`\\n${mark} (\\d+)\\n`).exec(rest);
  // After the end mark only ssh itself speaks, e.g. of a connection that closed.
  return {
    pid: Number(begin[1]),
    code: end ? Number(end[1]) : undefined,
    stderr: end ? rest.slice(0, end.index) : rest,
  };
}
