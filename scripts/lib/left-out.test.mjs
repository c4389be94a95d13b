import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NAMED, leftOut } from './left-out.mjs';
import { root } from './root.mjs';

test('leftOut: a run by itself -> nothing; with another one -> what that one runs', () => {
  const first = leftOut({ LOBSTERPOT_USER_RUN_FOLLOWS: '1' });
  const second = leftOut({ LOBSTERPOT_ROOT_RAN_BEFORE: '1' });
  assert.deepEqual(leftOut({ LOBSTERPOT_USER_RUN_FOLLOWS: '0' }), []);
  assert.ok(first.length > 0 && second.length > first.length);
});

test('leftOut: what is named by path -> is there', () => {
  for (const path of NAMED) assert.ok(existsSync(join(root, path)), path);
});
