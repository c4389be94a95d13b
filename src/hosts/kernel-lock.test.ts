import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { takeLock } from './kernel-lock.ts';

test('takeLock: held -> undefined; given back -> taken again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-lock-'));
  try {
    const first = takeLock(join(folder, 'lock.db'));
    assert.ok(first);
    assert.equal(takeLock(join(folder, 'lock.db')), undefined);
    first[Symbol.dispose]();
    const second = takeLock(join(folder, 'lock.db'));
    assert.ok(second);
    second[Symbol.dispose]();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('takeLock: no such folder -> the error itself, not "held"', () => {
  assert.throws(() => takeLock('/nonexistent/lock.db'));
});
