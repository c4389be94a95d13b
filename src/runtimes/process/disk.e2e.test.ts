import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { Problem } from '../../core/problem.ts';
import { until } from '../../core/wait.ts';
import type { ServiceState } from '../runtime.ts';
import { STAY, testDeployment, testService, type TestDeployment } from './testing/deployment.ts';

const LIMITS = { memoryMiB: 256, processes: 128, openFiles: 512, fileMiB: 64, tmpMiB: 16, diskMiB: 64 };
const WITHIN_MS = 75_000;

/** Says that it is ready and then, the first time, writes 96 MiB. */
const GREEDY = `import { existsSync, writeFileSync } from 'node:fs';
${STAY}
if (!existsSync('/state/once')) setTimeout(() => {
  writeFileSync('/state/once', '');
  for (const name of ['a', 'b', 'c']) writeFileSync('/state/big-' + name, Buffer.alloc(32 * 1024 ** 2, 1));
}, 500);`;

// Side by side: both wait most of the time.
suite('a limit on what a service keeps', { timeout: 240_000, concurrency: true }, () => {
  test('it writes beyond its limit -> ended, told, not started again; files removed -> it comes back; the others never notice', async () => {
    await using here = await testDeployment([
      testService('greedy', { script: GREEDY, limits: LIMITS }),
      testService('modest', { script: STAY, limits: LIMITS }),
      testService('unwatched', { script: STAY }),
    ]);
    await here.runtime.start(['greedy', 'modest', 'unwatched']);
    const [, modest, unwatched] = await here.runtime.observe();
    assert.equal(modest?.disk?.limitKiB, 64 * 1024);
    assert.ok((modest.disk.usedKiB ?? Infinity) < 1024, 'it is measured before it is started');
    assert.equal(unwatched?.disk, undefined);

    const held = await eventually(here, 'greedy', (one) => one.state === 'unhealthy');
    assert.match(
      held.lastError ?? '',
      /^its folder holds 96 MiB, its limit is 64 MiB: remove files below .*\/services\/greedy\/state, or set a higher disk for it$/,
    );
    assert.equal(held.pid, undefined);
    assert.equal(held.restarts, 0);
    // `up` starts whoever is not healthy.
    await assert.rejects(here.runtime.start(['greedy']), (error) => {
      assert.ok(error instanceof Problem);
      assert.match(error.message, /greedy is not started: there is no room for what it writes/);
      assert.match(error.why, /its limit is 64 MiB/);
      return true;
    });

    const state = join(here.root, 'services/greedy/state');
    for (const name of readdirSync(state)) if (name.startsWith('big-')) rmSync(join(state, name));
    const back = await eventually(here, 'greedy', (one) => one.state === 'healthy');
    assert.ok((back.disk?.usedKiB ?? Infinity) < 1024);
    const now = (await here.runtime.observe()).filter(({ name }) => name !== 'greedy');
    assert.deepEqual(
      now.map(({ name, pid, state: is }) => [name, pid, is]),
      [
        ['modest', modest.pid, 'healthy'],
        ['unwatched', unwatched?.pid, 'healthy'],
      ],
    );
    await here.runtime.stop(['greedy']);
    assert.equal((await stateOf(here, 'greedy')).disk, undefined);
    assert.ok(existsSync(state));
  });

  // Root reads it all the same.
  if (process.getuid?.() !== 0) {
    test('a folder is closed so that nobody can measure it -> ended after a while', async () => {
      await using here = await testDeployment([testService('hider', { script: STAY, limits: LIMITS })]);
      const closed = join(here.root, 'services/hider/state/closed');
      mkdirSync(closed);
      chmodSync(closed, 0);
      await here.runtime.start(['hider']);
      const held = await eventually(here, 'hider', (one) => one.state === 'unhealthy');
      assert.match(held.lastError ?? '', /cannot be measured \(du: .*Permission denied\)/);
      chmodSync(closed, 0o700);
      await eventually(here, 'hider', (one) => one.state === 'healthy');
    });
  }
});

async function stateOf(here: TestDeployment, name: string): Promise<ServiceState> {
  const found = (await here.runtime.observe()).find((one) => one.name === name);
  assert.ok(found);
  return found;
}

async function eventually(here: TestDeployment, name: string, is: (state: ServiceState) => boolean): Promise<ServiceState> {
  const ask = async (): Promise<ServiceState | undefined> => {
    const state = await stateOf(here, name);
    return is(state) ? state : undefined;
  };
  const found = await until(ask, { timeoutMs: WITHIN_MS, everyMs: 200 });
  assert.ok(found, JSON.stringify(await stateOf(here, name)));
  return found;
}
