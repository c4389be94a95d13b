import assert from 'node:assert/strict';
import { test } from 'node:test';
import { busyBetween, clocks } from './machine.ts';

for (const [to, expected] of [
  [{ busy: 15, all: 40 }, 0.25],
  [{ busy: 30, all: 40 }, 1],
  [{ busy: 10, all: 20 }, 0],
] as const) {
  test(`busyBetween: ${to.busy - 10} of ${to.all - 20} ms -> ${expected}`, () =>
    assert.equal(busyBetween({ busy: 10, all: 20 }, to), expected));
}

test('clocks: while this process works -> some of it is counted', () => {
  const from = clocks();
  for (const end = performance.now() + 300; performance.now() < end;);
  const part = busyBetween(from, clocks());
  assert.ok(part > 0 && part <= 1, String(part));
});
