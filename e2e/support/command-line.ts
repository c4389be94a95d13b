import { join } from 'node:path';
import type { RunResult } from '../../src/hosts/host.ts';
import { PLAIN_PATH, run } from '../../src/hosts/run.ts';

/** The program that a person types. */
export const PROGRAM = join(import.meta.dirname, '../../bin/lobsterpot.mjs');

/** How it is run. */
export const TYPED: readonly string[] = [process.execPath, PROGRAM];

/** How one call of the command line ended, and how long it took. */
export type Ended = RunResult & { readonly ms: number };

export type CommandLine = (args: readonly string[], options?: { readonly stdin?: string; readonly timeoutMs?: number }) => Promise<Ended>;

/** The real command line with an environment of its own, started from `cwd` (as `argv` says, if it does); `onEnd` hears of every call. */
export function commandLine(
  cwd: string,
  env: Readonly<Record<string, string>>,
  more: { readonly argv?: readonly string[]; readonly onEnd?: (args: readonly string[], ended: Ended) => void } = {},
): CommandLine {
  return async (args, options = {}) => {
    const begin = performance.now();
    const result = await run([...(more.argv ?? TYPED), ...args], {
      cwd,
      env: { PATH: PLAIN_PATH, ...env },
      timeoutMs: options.timeoutMs ?? 30_000,
      ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    });
    const ended = { ...result, ms: performance.now() - begin };
    more.onEnd?.(args, ended);
    return ended;
  };
}
