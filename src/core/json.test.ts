import assert from 'node:assert/strict';
import { test } from 'node:test';

import { differingKeys } from './json.ts';

const cases: readonly (readonly [unknown, unknown, readonly string[]])[] = [
  [{ a: 1 }, { a: 1 }, []],
  [{ a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }, []],
  [{ a: { b: 1 } }, { a: { b: 2 } }, ['a.b']],
  [{ a: 1 }, { b: 1 }, ['a', 'b']],
  [{ a: [1, 2] }, { a: [2, 1] }, ['a']],
  [{ a: { b: 1 } }, { a: 'x' }, ['a']],
  [[1], { a: 1 }, ['the whole of it']],
];

for (const [one, other, keys] of cases) {
  void test(`differingKeys: ${JSON.stringify(one)} and ${JSON.stringify(other)} -> ${keys.join(', ') || 'none'}`, () =>
    assert.deepEqual(differingKeys(JSON.stringify(one), JSON.stringify(other)), keys));
}

void test('differingKeys: no JSON -> undefined', () => assert.equal(differingKeys('{', '{}'), undefined));
