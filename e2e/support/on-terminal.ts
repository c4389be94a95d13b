import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PLAIN_PATH } from '../../src/hosts/run.ts';
import { PROGRAM } from './command-line.ts';

const LIMIT_MS = 20_000;

// `script` takes one text for the shell of SHELL: what differs comes to it in the environment.
const COMMAND = 'exec "$TERMINAL_NODE" "$TERMINAL_PROGRAM" "$TERMINAL_COMMAND"';

/** What a person types, each as soon as the terminal shows `sees` once more. */
export type Keys = { readonly sees: string; readonly types: string };

/** Runs a command of lobsterpot on a pseudo terminal; gives its exit code and all that stood there. */
export async function onTerminal(
  command: string,
  keys: readonly Keys[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<{ readonly code: number; readonly screen: string }> {
  const child = spawn('script', ['-qec', COMMAND, '/dev/null'], {
    cwd,
    env: {
      PATH: PLAIN_PATH,
      SHELL: '/bin/sh',
      TERM: 'dumb',
      NO_COLOR: '1',
      TERMINAL_NODE: process.execPath,
      TERMINAL_PROGRAM: PROGRAM,
      TERMINAL_COMMAND: command,
      ...env,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: LIMIT_MS,
  });
  let screen = '';
  let seen = 0;
  const left = [...keys];
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString('utf8');
    for (let next = left[0]; next; next = left[0]) {
      const at = screen.indexOf(next.sees, seen);
      if (at === -1) return;
      seen = at + next.sees.length;
      left.shift();
      child.stdin.write(next.types);
    }
  });
  const [code]: unknown[] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : -1, screen };
}
