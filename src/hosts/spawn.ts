import { spawn } from 'node:child_process';
import { Writable, type Readable } from 'node:stream';

import type { RunResult } from './host.ts';
import { PLAIN_PATH } from './run.ts';

const MOST_OUTPUT = 8 * 1024 ** 2;
const LAST_WORDS_MS = 1000;

/** How a started program ended; `error`: it could not be started at all. */
export type Exit = { readonly code: number | undefined; readonly signal: string | undefined; readonly error?: string };

/** A started program that this process watches over. */
export type Child = {
  readonly pid: number | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<Exit>;
  /** Ends descriptor 3 on this side: the program's sign to stop. */
  endLifeLine(): void;
  kill(): void;
};

/**
 * Starts a program in its own session with pipes on 1 and 2, a life line on 3 and `descriptors` from 4 on.
 * Call it from the main thread only: a parent-death signal is bound to the thread that spawned.
 */
export function startChild(argv: readonly string[], descriptors: readonly number[]): Child {
  const [command, ...args] = nonEmpty(argv);
  const child = spawn(command, args, {
    cwd: '/',
    env: { PATH: PLAIN_PATH },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...descriptors],
  });
  const line = child.stdio[3];
  // The far end may be gone first; that is what `exited` tells.
  line?.on('error', () => undefined);
  const exited = new Promise<Exit>((resolve) => {
    child.on('error', (error) => resolve({ code: undefined, signal: undefined, error: error.message }));
    child.on('exit', (code, signal) => {
      const exit = { code: code ?? undefined, signal: signal ?? undefined };
      // Its last words are read first; a process left behind that holds the pipes must not hide the end.
      const late = setTimeout(() => resolve(exit), LAST_WORDS_MS);
      child.once('close', () => {
        clearTimeout(late);
        resolve(exit);
      });
    });
  });
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new TypeError('startChild: no pipes');
  return {
    pid: child.pid,
    stdout,
    stderr,
    exited,
    endLifeLine: () => line?.destroy(),
    kill: () => killGroup(child.pid),
  };
}

/** Starts a program that outlives this one: its own session, no terminal, both outputs appended to `log`. */
export function startDetached(argv: readonly string[], options: { readonly cwd: string; readonly log: number }): Promise<Exit> {
  const [command, ...args] = nonEmpty(argv);
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { PATH: PLAIN_PATH },
    detached: true,
    stdio: ['ignore', options.log, options.log],
  });
  child.unref();
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: undefined, signal: undefined, error: error.message }));
    child.on('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  });
}

/**
 * Runs a contained program to its end. `stdinAt` is the descriptor on which it gets its input (3 where a launcher hands it on).
 * At the time limit it is killed at once: its chain takes everything below with it.
 */
export function runContained(
  argv: readonly string[],
  options: {
    readonly stdin?: string;
    readonly stdinAt: 0 | 3;
    readonly timeoutMs: number;
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<RunResult> {
  const [command, ...args] = nonEmpty(argv);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? '/',
      env: { ...(options.env ?? { PATH: PLAIN_PATH }) },
      detached: true,
      stdio: options.stdinAt === 0 ? ['pipe', 'pipe', 'pipe'] : ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const out = collect(child.stdio[1]);
    const err = collect(child.stdio[2]);
    let timedOut = false;
    const limit = setTimeout(() => {
      timedOut = true;
      killGroup(child.pid);
    }, options.timeoutMs);
    const end = (code: number | undefined, signal: string | undefined, extra = ''): void => {
      clearTimeout(limit);
      resolve({ code, signal, timedOut, stdout: out(), stderr: err() + extra });
    };
    child.on('error', (error) => end(127, undefined, `${command}: ${error.message}`));
    child.on('close', (code, signal) => end(code ?? undefined, signal ?? undefined));
    const input = child.stdio[options.stdinAt];
    // The program may end without reading its input: its exit code says what matters.
    input?.on('error', () => undefined);
    if (input instanceof Writable) input.end(options.stdin ?? '');
  });
}

function collect(stream: unknown): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  if (isReadable(stream)) {
    stream.on('data', (chunk: Buffer) => {
      if (size < MOST_OUTPUT) chunks.push(chunk.subarray(0, MOST_OUTPUT - size));
      size += chunk.length;
    });
  }
  return () => Buffer.concat(chunks).toString('utf8');
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === 'object' && stream !== null && 'on' in stream && 'read' in stream;
}

/** The program and whatever of it stayed in its session's group; a chain takes the rest with it. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

function nonEmpty(argv: readonly string[]): readonly [string, ...string[]] {
  const [command, ...args] = argv;
  if (command === undefined) throw new TypeError('empty argv');
  return [command, ...args];
}
