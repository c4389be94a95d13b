import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';

import { specService, type SpecService } from '../spec.ts';
import { testService } from '../testing/deployment.ts';
import { watchHealth, type HealthWatch } from './watch-health.ts';

type Health = SpecService['health'];
const LINE: Health = { kind: 'ready-line', text: 'gate: ready', timeoutMs: 15_000 };

/** A watch by the clock of the test, and what it told. */
function watched(t: TestContext, health: Health): { readonly watch: HealthWatch; readonly told: readonly string[] } {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const told: string[] = [];
  const watch = watchHealth(specService(testService('gate', { health, listeners: [{ name: 'control' }] })), {
    ready: (is) => told.push(is ? 'ready' : 'not ready'),
    late: () => told.push('late'),
    gaveUp: () => Promise.resolve(void told.push('gave up')),
  });
  t.after(() => watch.close());
  return { watch, told };
}

suite('watchHealth', () => {
  test('the line, in two chunks and then again -> ready, once', (t) => {
    const { watch, told } = watched(t, LINE);
    for (const chunk of ['... gate: re', 'ady\n', 'gate: ready\n']) watch.heard(Buffer.from(chunk));
    assert.deepEqual(told, ['ready']);
  });

  test('another line -> late when its time is over', (t) => {
    const { watch, told } = watched(t, LINE);
    watch.heard(Buffer.from('gate: cannot start\n'));
    t.mock.timers.tick(14_999);
    assert.deepEqual(told, []);
    t.mock.timers.tick(1);
    assert.deepEqual(told, ['late']);
  });

  test('it only has to run -> ready after a moment', (t) => {
    const { told } = watched(t, { kind: 'running', timeoutMs: 15_000 });
    t.mock.timers.tick(1500);
    assert.deepEqual(told, ['ready']);
  });

  test('the line, and nobody at the socket that it is asked over -> not ready any more, and not given up', async (t) => {
    const { watch, told } = watched(t, { ...LINE, ask: { listener: 'control', line: '{"op":"ping"}' } });
    watch.heard(Buffer.from('gate: ready\n'));
    for (const ms of [10_000, 1000, 1000, 1000, 1000, 1000]) {
      t.mock.timers.tick(ms);
      // The connection is refused on a later turn.
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    }
    assert.deepEqual(told, ['ready', 'not ready', 'late']);
  });

  test('closed -> nothing more is told', (t) => {
    const { watch, told } = watched(t, LINE);
    watch.close();
    t.mock.timers.tick(60_000);
    assert.deepEqual(told, []);
  });
});
