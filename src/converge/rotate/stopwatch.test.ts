import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../change.ts';
import { stopwatch } from './stopwatch.ts';

const RESTART = { kind: 'start-service', host: 'here', service: 'gateway-main', reason: 'its files changed', running: true } as const;

function clock() {
  let at = 0;
  return { now: () => at, wait: (ms: number) => void (at += ms) };
}

test('stopwatch: a restart -> how long it took, and since when', async () => {
  const { now, wait } = clock();
  const watch = stopwatch((_change, work) => work(() => undefined), now);
  wait(5);
  await watch.around(RESTART, async () => wait(10));
  wait(3);
  assert.deepEqual(watch.outages, [{ service: 'gateway-main', host: 'here', ms: 10 }]);
  assert.equal(watch.sinceFirst(), 13);
});

for (const [what, change] of [
  ['a first start', { ...RESTART, running: false }],
  ['a file', { kind: 'withdraw-secret', host: 'here', secret: 's', service: 'x', path: 'p' }],
] as const satisfies readonly (readonly [string, Change])[]) {
  test(`stopwatch: ${what} -> nothing was away`, async () => {
    const watch = stopwatch(
      (_change, work) => work(() => undefined),
      () => 0,
    );
    await watch.around(change, async () => undefined);
    assert.deepEqual([watch.outages, watch.sinceFirst()], [[], undefined]);
  });
}

test('stopwatch: begun before -> from there', async () => {
  const { now, wait } = clock();
  const watch = stopwatch((_change, work) => work(() => undefined), now);
  watch.begin();
  wait(7);
  await watch.around(RESTART, async () => wait(1));
  assert.equal(watch.sinceFirst(), 8);
});

test('stopwatch: a restart that fails -> told as failed, not as an outage that ended', async () => {
  const watch = stopwatch(
    (_change, work) => work(() => undefined),
    () => 0,
  );
  await assert.rejects(
    watch.around(RESTART, () => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.deepEqual(watch.outages, []);
});
