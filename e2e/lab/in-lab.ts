import { join } from 'node:path';
import type { RunResult } from '../../src/hosts/host.ts';
import { PLAIN_PATH, run } from '../../src/hosts/run.ts';

const ENTER = join(import.meta.dirname, 'enter.ts');

/** Runs a command on the lab's host; `asUser` as in enter.ts, `dropTo` starts even the lab itself as that ordinary user. */
export function inLab(
  command: readonly string[],
  options: {
    readonly timeoutMs: number;
    readonly asUser?: number;
    readonly dropTo?: number;
    readonly env?: Readonly<Record<string, string>>;
  },
): Promise<RunResult> {
  const drop =
    options.dropTo === undefined ? [] : ['setpriv', '--reuid', `${options.dropTo}`, '--regid', `${options.dropTo}`, '--clear-groups'];
  const who = options.asUser === undefined ? [] : ['--as-user', String(options.asUser)];
  return run([...drop, process.execPath, ENTER, ...who, '--', ...command], {
    timeoutMs: options.timeoutMs,
    env: { PATH: PLAIN_PATH, ...options.env },
  });
}

/** Why no lab can be made here, for a test that must be skipped; false when it can. */
export async function labRefusal(): Promise<string | false> {
  if (process.platform !== 'linux') return 'the lab needs network namespaces of Linux';
  const tried = await inLab(['/bin/true'], { timeoutMs: 30_000 });
  return tried.code === 0 ? false : `no lab can be made here: ${tried.stderr.trim().split('\n')[0] ?? ''}`;
}
