import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { smallEngine } from '../rotate/testing/small-engine.ts';
import { describeRestoring, endRestoring, readRestoring, refuseRestoring, writeRestoring, type Restoring } from './restoring.ts';
import { takeBackup } from './take-backup.ts';

const ONE: Restoring = { version: 1, stamp: '2026-11-22T08-00-00-000Z', backups: { 'node-nas': '2026-11-21T08-00-00-000Z' } };
const ALL: Restoring = { ...ONE, openclaw: '2026.9.4' };

test('restoring: written, read again, ended; nothing stays', async () => {
  using small = smallEngine();
  assert.equal(await readRestoring(small.engine), undefined);
  await writeRestoring(small.engine, ALL);
  assert.deepEqual(await readRestoring(small.engine), ALL);
  await endRestoring(small.engine);
  assert.deepEqual([await readRestoring(small.engine), readdirSync(small.engine.root)], [undefined, []]);
});

test('restoring: damaged, or with a stamp that leads elsewhere -> a Problem that names the file', async () => {
  using small = smallEngine();
  for (const text of ['', '{', '{"version":2}', JSON.stringify({ ...ONE, stamp: '../..' }), JSON.stringify({ ...ONE, more: 1 })]) {
    writeFileSync(join(small.engine.root, 'restoring.json'), text || ' ');
    await assert.rejects(readRestoring(small.engine), { code: 'backup/restoring', why: /restoring\.json is damaged/ });
  }
});

for (const [name, note, goOn] of [
  ['one service', ONE, 'lobsterpot up'],
  ['all of them', ALL, 'lobsterpot restore --openclaw 2026.9.4'],
] as const) {
  test(`refuseRestoring: ${name} -> refused with what goes on: ${goOn}`, async () => {
    using small = smallEngine();
    await refuseRestoring(small.engine);
    await writeRestoring(small.engine, note);
    assert.equal(describeRestoring(note).goOn, goOn);
    await assert.rejects(refuseRestoring(small.engine), { code: 'backup/cut-off', fix: goOn, exit: 3 });
    await refuseRestoring(small.engine, ({ stamp }) => stamp === ONE.stamp);
  });
}

test('takeBackup: the state is half replaced -> no backup of it', async () => {
  using small = smallEngine();
  await writeRestoring(small.engine, ONE);
  const target = { service: 'node-nas', key: 'nas', host: 'here', role: 'node' } as const;
  await assert.rejects(takeBackup(small.engine, target, 'lobsterpot backup'), { code: 'backup/cut-off' });
  assert.deepEqual(small.calls, []);
});
