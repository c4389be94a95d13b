import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../src/core/wait.ts';
import { statusOf, type Stage } from '../support/stage.ts';
import { familyOf } from '../support/processes.ts';
import { PROGRAM } from '../support/command-line.ts';

/** The supervisor dies, two people bring the deployment up at once, and one of them is cut off. */
export function supervisorChapter(stage: Stage): void {
  let deviceId: string | undefined;

  test('supervisor: killed hard -> within 2 s no process of the deployment is left', async () => {
    deviceId = (await statusOf(stage)).nodes[0]?.deviceId;
    assert.match(deviceId ?? '', /^[0-9a-f]{64}$/);
    process.kill(Number(readFileSync(join(stage.root, 'supervisor/pid'), 'utf8')), 'SIGKILL');
    const isGone = await until(() => Promise.resolve(stage.own().length === 0 ? true : undefined), { timeoutMs: 2000, everyMs: 20 });
    assert.equal(isGone, true, JSON.stringify(stage.own().map((one) => one.command)));
    const { code, services } = await statusOf(stage);
    assert.deepEqual([code, services.map((one) => one.state)], [1, ['stopped', 'stopped', 'stopped']]);
  });

  test('apply: two at once -> the second gives 5 and says who is at work; the first, killed half-way, is finished by the next', async () => {
    const first = spawn(process.execPath, [PROGRAM, 'apply', '--yes'], { cwd: stage.home, env: stage.env, stdio: 'ignore' });
    const ended = new Promise((resolve) => first.once('exit', resolve));
    try {
      const lock = `${join(dirname(stage.root), '.locks', basename(stage.root))}.json`;
      assert.ok(await until(() => Promise.resolve(existsSync(lock) ? true : undefined), { timeoutMs: 15_000, everyMs: 10 }));
      const second = await stage.cli(['apply', '--yes', '--json']);
      assert.equal(second.code, 5, second.stderr);
      assert.match(
        second.stderr,
        new RegExp(
          `another lobsterpot is at work on this deployment.*"lobsterpot apply" of .* \\(pid ${first.pid}\\) holds the lock since`,
          's',
        ),
      );
      // In the middle: the gate runs, the gateway is being started.
      const middle = await until(
        async () => {
          const { services } = await statusOf(stage);
          return services.some((one) => one.name === 'gateway-main' && one.state === 'starting') ? true : undefined;
        },
        { timeoutMs: 20_000, everyMs: 100 },
      );
      assert.equal(middle, true);
    } finally {
      first.kill('SIGKILL');
      await ended;
    }
    const next = await stage.cli(['apply', '--yes'], { timeoutMs: 120_000 });
    assert.equal(next.code, 0, next.stderr);
    assert.match(next.stderr, /note: the last run \("lobsterpot apply", .*\) was cut off; going on from where it stopped/);
    assert.equal(existsSync(`${join(dirname(stage.root), '.locks', basename(stage.root))}.json`), false);
  });

  test('apply: after it -> everything is healthy and the node is the device that it was', async () => {
    const back = await until(
      async () => {
        const status = await statusOf(stage);
        return status.code === 0 ? status : undefined;
      },
      { timeoutMs: 30_000, everyMs: 500 },
    );
    assert.ok(back, JSON.stringify(await statusOf(stage)));
    assert.deepEqual([back.nodes.map((one) => one.deviceId), back.strangers], [[deviceId], []]);
    const ran = await stage.cli(['exec', 'nas', '--', '/usr/bin/uname', '-n']);
    assert.deepEqual([ran.code, ran.stdout], [0, 'nas\n'], ran.stderr);
    // One supervisor watches over one set of services.
    const pid = Number(readFileSync(join(stage.root, 'supervisor/pid'), 'utf8'));
    const all = stage.own();
    assert.deepEqual(new Set(all.map((one) => one.pid)), new Set(familyOf(all, pid).map((one) => one.pid)));
  });
}
