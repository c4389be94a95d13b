import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { smallEngine } from '../rotate/testing/small-engine.ts';
import { backupFolder } from './backup-store.ts';
import { removePrunable } from './find-prunable.ts';

const NOTHING = { backups: [], asides: [], runtimes: [], images: [] };

test('removePrunable: nothing was chosen -> half a backup goes; one whose manifest cannot be read, and a file of yours, stay', async () => {
  using small = smallEngine();
  const folder = backupFolder(small.engine.root, 'gateway-main');
  mkdirSync(folder, { recursive: true });
  const half = ['.2026-11-22T10-00-00-000Z.partial', '2026-11-22T10-00-00-000Z.tar.gz'];
  // From a newer lobsterpot, say.
  const stays = ['2026-11-22T11-00-00-000Z.json', '2026-11-22T11-00-00-000Z.tar.gz', 'notes.txt'];
  for (const name of [...half, ...stays]) writeFileSync(join(folder, name), '{"version":2}');
  await removePrunable(small.engine, NOTHING);
  assert.deepEqual(readdirSync(folder), stays);
});
