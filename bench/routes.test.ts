import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantile } from './routes.ts';

for (const [values, part, expected] of [
  [[3, 1, 2], 0.5, 2],
  [[1], 0.99, 1],
  [Array.from({ length: 100 }, (_one, index) => index), 0.9, 90],
] as const) {
  test(`quantile: ${part} of ${values.length} -> ${expected}`, () => assert.equal(quantile(values, part), expected));
}

test('quantile: of nothing -> an error', () => assert.throws(() => quantile([], 0.5), TypeError));
