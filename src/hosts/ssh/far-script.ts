import { PLAIN_PATH } from '../run.ts';
import type { RunOptions } from '../host.ts';
import { quoteArgv, quoteWord } from './quote.ts';

/** The script that runs one program with a whole environment of its own, as `run` does on this machine. */
export function programScript(argv: readonly string[], options: Pick<RunOptions, 'cwd' | 'env'>): string {
  const [program] = argv;
  // `env` takes what has an equals sign for a variable, and what begins with a dash for an option.
  if (program === undefined || program === '' || program.includes('=') || program.startsWith('-')) {
    throw new TypeError(`not a program: ${JSON.stringify(program)}`);
  }
  const env = Object.entries(options.env ?? { PATH: PLAIN_PATH }).map(([name, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new TypeError(`not a name of a variable: ${JSON.stringify(name)}`);
    return quoteWord(`${name}=${value}`);
  });
  return `cd ${quoteWord(options.cwd ?? '/')} || exit 127\nexec env -i ${[...env, quoteArgv(argv)].join(' ')}`;
}

/** A path that no far program can take for an option or for a place relative to a login folder. */
export function absolute(path: string): string {
  if (!path.startsWith('/') || path.includes('\0')) throw new TypeError(`not an absolute path: ${JSON.stringify(path)}`);
  return path;
}
