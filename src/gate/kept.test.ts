import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kept } from './kept.ts';

test('Kept: what was kept is given again; what is too many is let go of', () => {
  const kept = new Kept<number>(2);
  assert.equal(kept.get('a'), undefined);
  assert.equal(kept.keep('a', 1), 1);
  kept.keep('b', 2);
  assert.deepEqual([kept.get('a'), kept.get('b')], [1, 2]);
  kept.keep('c', 3);
  assert.deepEqual([kept.get('a'), kept.get('b'), kept.get('c')], [undefined, undefined, 3]);
  kept.clear();
  assert.equal(kept.get('c'), undefined);
});
