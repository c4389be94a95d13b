import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { KeysLook } from '../hosts/keys-look.ts';
import { takeTold } from './told-keys.ts';

const look = (): KeysLook => ({
  at: 1000,
  accounts: new Map([
    ['me', { kind: 'absent' }],
    ['you', { kind: 'absent' }],
  ]),
});

test('takeTold: what was told -> once for each account', () => {
  const keys = look();
  assert.deepEqual(takeTold(keys, 'me', 1000), { kind: 'absent' });
  assert.equal(takeTold(keys, 'me', 1000), undefined);
  assert.deepEqual(takeTold(keys, 'you', 1000), { kind: 'absent' });
  assert.deepEqual(takeTold(look(), 'me', 1000), { kind: 'absent' });
});

test('takeTold: nothing told, nothing of this account, or too long ago -> the host is asked', () => {
  assert.equal(takeTold(undefined, 'me', 1000), undefined);
  assert.equal(takeTold(look(), 'they', 1000), undefined);
  assert.deepEqual(takeTold(look(), 'me', 11_000), { kind: 'absent' });
  assert.equal(takeTold(look(), 'me', 11_001), undefined);
});
