import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inWords, measure, seconds, summary } from './measure.ts';

for (const [took, median] of [
  [[3], 3],
  [[5, 1], 3],
  [[9, 1, 5], 5],
  [[9, 1, 5, 7], 6],
] as const) {
  test(`summary: ${took.join(' ')} -> ${median}`, () => assert.equal(summary(took).median, median));
}

test('summary: nothing -> refused', () => assert.throws(() => summary([])));

test('measure: rounds that take 1200 and 800 ms -> told with their spread', async () => {
  const rounds = [1200, 800];
  assert.equal(inWords(await measure(2, () => Promise.resolve(rounds.shift() ?? 0))), '1.00 s (0.80 to 1.20, 2 rounds)');
});

for (const [ms, expected] of [
  [4, '0.00'],
  [9994, '9.99'],
  [9996, '10.0'],
  [61_240, '61.2'],
] as const) {
  test(`seconds: ${ms} ms -> ${expected}`, () => assert.equal(seconds(ms), expected));
}
