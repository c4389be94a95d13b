import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../src/core/wait.ts';
import { familyOf } from '../support/processes.ts';
import { statusOf, type Stage } from '../support/stage.ts';

/** What is killed comes back by itself. */
export function recoveryChapter(stage: Stage): void {
  for (const { service, limitMs } of [
    { service: 'gateway-main', limitMs: 60_000 },
    { service: 'node-nas', limitMs: 60_000 },
  ]) {
    test(`recovery: ${service} is killed hard -> told by status, back by itself, exec works again`, async () => {
      const before = (await statusOf(stage)).services.find((one) => one.name === service);
      assert.ok(before?.pid !== undefined);
      process.kill(mainProcess(stage, before.pid), 'SIGKILL');
      const down = await until(
        async () => {
          const status = await statusOf(stage);
          return status.code === 1 ? status : undefined;
        },
        { timeoutMs: 5000, everyMs: 50 },
      );
      assert.ok(down, 'status never told it');
      const back = await until(
        async () => {
          const status = await statusOf(stage);
          return status.code === 0 ? status : undefined;
        },
        { timeoutMs: limitMs, everyMs: 500 },
      );
      assert.ok(back, `not back after ${limitMs} ms: ${JSON.stringify(await statusOf(stage))}`);
      const now = back.services.find((one) => one.name === service);
      assert.equal(now?.restarts, (before.restarts ?? 0) + 1);
      assert.notEqual(now?.pid, before.pid);
      const ran = await stage.cli(['exec', 'nas', '--', '/usr/bin/uname', '-n']);
      assert.deepEqual([ran.code, ran.stdout], [0, 'nas\n'], ran.stderr);
    });
  }
}

/** The service itself: the child of its launcher, below the process that the supervisor started. */
function mainProcess(stage: Stage, outer: number): number {
  const family = familyOf(stage.own(), outer);
  const launcher = family.find((one) => one.command.includes('/launcher.mjs'));
  const main = family.find((one) => one.parent === launcher?.pid);
  assert.ok(main, JSON.stringify(family.map((one) => one.command)));
  return main.pid;
}
