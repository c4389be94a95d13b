import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { choosePrune } from './choose-prune.ts';

const DAY = 86_400_000;
const NOW = 100 * DAY;
const days = (...ages: readonly number[]): readonly { readonly id: string; readonly atMs: number }[] =>
  ages.map((age) => ({ id: String(age), atMs: NOW - age * DAY }));

for (const [what, ages, rule, removed] of [
  ['none', [], { keep: 3 }, []],
  ['fewer than are kept', [1, 2], { keep: 3 }, []],
  ['more than are kept', [4, 1, 3, 2], { keep: 2 }, ['3', '4']],
  ['by age alone', [1, 40, 50], { olderThanMs: 30 * DAY }, ['40', '50']],
  ['all old: the newest stays', [40, 50], { olderThanMs: 30 * DAY }, ['50']],
  ['beyond the kept, but young', [1, 2, 3], { keep: 1, olderThanMs: 30 * DAY }, []],
  ['both', [1, 2, 40, 50], { keep: 3, olderThanMs: 30 * DAY }, ['50']],
  ['keep 0 is 1', [1, 2], { keep: 0 }, ['2']],
] as const) {
  test(`choosePrune: ${what} -> ${removed.length === 0 ? 'nothing' : removed.join(' ')}`, () => {
    assert.deepEqual(
      choosePrune(days(...ages), rule, NOW).map((one) => one.id),
      removed,
    );
  });
}

test('choosePrune: what an upgrade that is not over goes back to -> stays, whatever its age', () => {
  assert.deepEqual(
    choosePrune(days(1, 2, 40), { keep: 1 }, NOW, new Set(['40'])).map((one) => one.id),
    ['2'],
  );
});

test('choosePrune: whatever the rule -> the newest is never removed', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(1000), { minLength: 1 }), fc.nat(5), fc.nat(1000), (ages, keep, older) => {
      const newest = String(Math.min(...ages));
      assert.ok(!choosePrune(days(...ages), { keep, olderThanMs: older * DAY }, NOW).some((one) => one.id === newest));
    }),
  );
});
