import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { watchResolver } from './resolver-watch.ts';

test('watchResolver: another content -> told once; the same, an empty and an absent file -> not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lobsterpot-resolver-'));
  const path = join(folder, 'resolv.conf');
  const replace = async (text: string): Promise<void> => {
    writeFileSync(`${path}.tmp`, text);
    renameSync(`${path}.tmp`, path);
    await new Promise((resolve) => setTimeout(resolve, 60));
  };
  writeFileSync(path, 'nameserver 192.0.2.1\n');
  let calls = 0;
  using _watch = watchResolver(path, () => (calls += 1), 10);
  try {
    await replace('nameserver 192.0.2.1\n');
    await replace('');
    assert.equal(calls, 0);
    await replace('nameserver 192.0.2.2\n');
    assert.equal(calls, 1);
    rmSync(path);
    await replace('nameserver 192.0.2.2\n');
    assert.equal(calls, 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
