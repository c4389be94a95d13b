import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { until } from '../../src/core/wait.ts';
import { TYPED } from '../support/command-line.ts';
import type { Stage } from '../support/stage.ts';

/** Runs `rotate` and kills it hard as soon as it is time. */
export async function killWhen(stage: Stage, args: readonly string[], isTime: () => boolean): Promise<void> {
  const [program, ...rest] = TYPED;
  assert.ok(program !== undefined);
  const child = spawn(program, [...rest, 'rotate', ...args, '--yes'], { cwd: stage.home, env: stage.env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const isKilled = await until(async () => (isTime() ? child.kill('SIGKILL') : undefined), { timeoutMs: 60_000, everyMs: 1 });
  child.kill('SIGKILL');
  await ended;
  assert.equal(isKilled, true, 'it ended before it could be killed');
}
