import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { closeOwn } from './close-own.ts';

test('closeOwn: chmod -R go+r -> told and closed; a second time, and where nothing is yet -> nothing; a link and what it leads to stay', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'lobsterpot-close-'));
  const root = join(parent, 'home');
  const mode = (path: string): number => statSync(path).mode & 0o777;
  try {
    assert.deepEqual(await closeOwn(root), []);
    const folders = [root, join(root, 'secrets'), join(root, 'backups'), join(root, 'backups/node-nas')];
    const files = [join(root, 'secrets/key'), join(root, 'backups/node-nas/a.tar.gz')];
    for (const folder of folders) mkdirSync(folder, { mode: 0o700 });
    for (const file of files) writeFileSync(file, 'x', { mode: 0o600 });
    assert.deepEqual(await closeOwn(root), []);
    writeFileSync(join(parent, 'mine'), 'x', { mode: 0o644 });
    symlinkSync('../../mine', join(root, 'secrets/link'));
    writeFileSync(join(root, 'journal.jsonl'), 'x', { mode: 0o644 });
    for (const folder of folders) chmodSync(folder, 0o755);
    for (const file of files) chmodSync(file, 0o644);
    assert.deepEqual((await closeOwn(root)).toSorted(), [...folders, ...files].toSorted());
    assert.deepEqual([...folders.map(mode), ...files.map(mode)], [0o700, 0o700, 0o700, 0o700, 0o600, 0o600]);
    assert.deepEqual([mode(join(parent, 'mine')), mode(join(root, 'journal.jsonl'))], [0o644, 0o644]);
    assert.deepEqual(await closeOwn(root), []);
  } finally {
    rmSync(parent, { recursive: true });
  }
});
