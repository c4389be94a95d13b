import { spawn } from 'node:child_process';

import { outputStart, parseStderr } from './frame.ts';

/** One framed script given to one ssh. */
export type Attempt = {
  readonly argv: readonly string[];
  readonly mark: string;
  /** The script's line and, after it, its input. */
  readonly input: readonly (string | Uint8Array)[];
  /** Until the far shell answers. */
  readonly connectMs: number;
  /** From then on. */
  readonly timeoutMs: number;
  readonly mostOutput: number;
  /** Ends the far processes at the time limit. */
  readonly endFar: (pid: number) => Promise<void>;
};

/** What became of it. `broken`: ssh ended without the end mark; `began` tells whether the far shell had started. */
export type Outcome =
  | { readonly kind: 'ended'; readonly code: number; readonly stdout: Buffer; readonly stderr: string; readonly beganAt: number }
  | { readonly kind: 'timed-out'; readonly stdout: Buffer; readonly stderr: string }
  | {
      readonly kind: 'broken';
      readonly began: boolean;
      readonly timedOut: boolean;
      readonly code: number | undefined;
      readonly stdout: string;
      readonly stderr: string;
    };

const TAIL = 4096;
const LAST_WORDS_MS = 1000;

/** Runs one ssh to its end or to its time limit. */
export function attempt(one: Attempt): Promise<Outcome> {
  return new Promise((resolve) => {
    const [program = 'ssh', ...args] = one.argv;
    const child = spawn(program, args, { cwd: '/', env: clientEnvironment(), stdio: ['pipe', 'pipe', 'pipe'] });
    const out = collect(one.mostOutput + TAIL);
    const err = collect(one.mostOutput);
    let beganAt: number | undefined;
    let timedOut = false;
    let over = false;

    const finish = (code: number | undefined, extra = ''): void => {
      if (over) return;
      over = true;
      clearTimeout(limit);
      child.stdout.destroy();
      child.stderr.destroy();
      const stdout = out.bytes();
      const told = parseStderr(err.bytes().toString('utf8') + extra, one.mark);
      const start = outputStart(stdout, one.mark);
      if (timedOut && told.pid !== undefined) {
        resolve({ kind: 'timed-out', stdout: stdout.subarray(start ?? 0), stderr: told.stderr });
      } else if (told.code !== undefined && start !== undefined && beganAt !== undefined && code === 0) {
        resolve({ kind: 'ended', code: told.code, stdout: stdout.subarray(start), stderr: told.stderr, beganAt });
      } else {
        resolve({
          kind: 'broken',
          began: told.pid !== undefined,
          timedOut,
          code,
          stdout: stdout.toString('utf8', 0, TAIL),
          stderr: told.stderr.slice(-TAIL),
        });
      }
    };
    const stop = async (): Promise<void> => {
      if (timedOut) return;
      timedOut = true;
      const { pid } = parseStderr(err.bytes().toString('utf8'), one.mark);
      if (pid !== undefined) await one.endFar(pid).catch(() => undefined);
      child.kill('SIGKILL');
    };
    let limit = setTimeout(() => void stop(), one.connectMs);

    child.stdout.on('data', (chunk: Buffer) => {
      out.add(chunk);
      if (beganAt !== undefined || outputStart(out.bytes(), one.mark) === undefined) return;
      beganAt = Date.now();
      clearTimeout(limit);
      limit = setTimeout(() => void stop(), one.timeoutMs);
    });
    child.stderr.on('data', err.add);
    // The far side may end without reading its input: its exit code says what matters.
    child.stdin.on('error', () => undefined);
    child.on('error', (error: NodeJS.ErrnoException) => finish(127, `${program}: ${error.code ?? ''} ${error.message}`));
    child.on('exit', (code) => {
      // An ssh that stays behind for the shared connection may hold the pipes (clients before OpenSSH 8.5).
      const late = setTimeout(() => finish(code ?? undefined), LAST_WORDS_MS);
      child.once('close', () => {
        clearTimeout(late);
        finish(code ?? undefined);
      });
    });
    for (const part of one.input) child.stdin.write(part);
    child.stdin.end();
  });
}

/** What the user's ssh needs to find its keys, its agent and its helpers; nothing else is handed on. */
export function clientEnvironment(): Record<string, string> {
  const names = ['HOME', 'PATH', 'USER', 'LOGNAME', 'SSH_AUTH_SOCK', 'XDG_RUNTIME_DIR', 'KRB5CCNAME'];
  const known = names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  // Messages are told apart by their words.
  return { ...Object.fromEntries(known), LC_ALL: 'C' };
}

/** The first `most` bytes and, when there were more, the last ones. */
function collect(most: number): { readonly add: (chunk: Buffer) => void; readonly bytes: () => Buffer } {
  const chunks: Buffer[] = [];
  let size = 0;
  let tail = Buffer.alloc(0);
  return {
    add: (chunk) => {
      const room = Math.max(0, most - size);
      if (room > 0) chunks.push(chunk.subarray(0, room));
      if (chunk.length > room) tail = Buffer.concat([tail, chunk.subarray(room)]).subarray(-TAIL);
      size += chunk.length;
    },
    bytes: () => Buffer.concat([...chunks, tail]),
  };
}
