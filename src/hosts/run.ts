import { spawn } from 'node:child_process';

import type { RunOptions, RunResult } from './host.ts';

const MOST_OUTPUT = 8 * 1024 * 1024;
const KILL_AFTER_MS = 2000;

/** The PATH of a program that is started without an environment of its own. */
export const PLAIN_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Runs one program to its end on this machine: no shell, no inherited environment, bounded time and output.
 * A program that cannot be started gives code 127 (absent) or 126 with the reason on stderr, as a shell would.
 */
export function run(argv: readonly string[], options: RunOptions): Promise<RunResult> {
  const [command, ...args] = argv;
  if (command === undefined) throw new TypeError('run: empty argv');
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? '/',
      env: { ...(options.env ?? { PATH: PLAIN_PATH }) },
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const out = collect();
    const err = collect();
    let timedOut = false;
    let hard: NodeJS.Timeout | undefined;
    const limit = setTimeout(() => {
      timedOut = true;
      child.kill('SIGTERM');
      hard = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
    }, options.timeoutMs);
    const end = (code: number | undefined, signal: string | undefined, extra = ''): void => {
      clearTimeout(limit);
      clearTimeout(hard);
      resolve({ code, signal, timedOut, stdout: out.text(), stderr: err.text() + extra });
    };
    child.stdout.on('data', out.add);
    child.stderr.on('data', err.add);
    // The program may end without reading its stdin: EPIPE says nothing that its exit code does not say.
    child.stdin.on('error', () => undefined);
    child.on('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ENOENT' ? 127 : 126, undefined, `${command}: ${error.message}`);
    });
    child.on('close', (code, signal) => end(code ?? undefined, signal ?? undefined));
    child.stdin.end(options.stdin ?? '');
  });
}

function collect(): { readonly add: (chunk: Buffer) => void; readonly text: () => string } {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add: (chunk) => {
      if (size >= MOST_OUTPUT) return;
      chunks.push(chunk.subarray(0, MOST_OUTPUT - size));
      size += chunk.length;
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}
