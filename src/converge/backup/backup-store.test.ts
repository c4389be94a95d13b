import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sha256 } from '../../core/digest.ts';
import { localHost } from '../../hosts/local-host.ts';
import {
  digestOf,
  listBackups,
  readBackup,
  removeBackup,
  removePartial,
  storeBackup,
  type Keeping,
  type Manifest,
} from './backup-store.ts';

const CONTENT = Buffer.from('an archive');

function keeping(): Keeping & Disposable & { readonly folder: string } {
  const root = mkdtempSync(join(tmpdir(), 'lobsterpot-backups-'));
  return {
    local: localHost('here'),
    root,
    folder: join(root, 'backups/node-nas'),
    [Symbol.dispose]: () => rmSync(root, { recursive: true }),
  };
}

const manifest = (more: Partial<Manifest> = {}): Manifest => ({
  version: 1,
  service: 'node-nas',
  host: 'nas',
  at: '2026-11-22T08:00:00.123Z',
  command: 'lobsterpot backup',
  openclaw: '2026.9.6',
  schema: 18,
  bytes: CONTENT.length,
  sha256: sha256(CONTENT),
  ...more,
});

async function* content(): AsyncGenerator<Uint8Array> {
  yield CONTENT.subarray(0, 3);
  yield CONTENT.subarray(3);
}

test('storeBackup: -> listed, newest first, closed to others, the same bytes', async () => {
  using of = keeping();
  await storeBackup(of, manifest(), content(), digestOf);
  await storeBackup(of, manifest({ at: '2026-11-22T09:00:00.000Z' }), content(), digestOf);
  const [newest, oldest] = await listBackups(of, 'node-nas');
  assert.deepEqual([newest?.id, oldest?.id], ['2026-11-22T09-00-00-000Z', '2026-11-22T08-00-00-123Z']);
  for (const name of readdirSync(of.folder)) assert.equal(statSync(join(of.folder, name)).mode & 0o777, 0o600);
  const parts: Uint8Array[] = [];
  if (newest) for await (const part of readBackup(newest)) parts.push(part);
  assert.deepEqual(Buffer.concat(parts), CONTENT);
});

test('storeBackup: other bytes arrive than were tried -> no backup, no file', async () => {
  using of = keeping();
  await assert.rejects(storeBackup(of, manifest({ sha256: 'a'.repeat(64) }), content(), digestOf), { code: 'backup/damaged' });
  assert.deepEqual(readdirSync(of.folder), []);
});

test('storeBackup: cut off half way -> no backup, no file', async () => {
  using of = keeping();
  const half = async function* (): AsyncGenerator<Uint8Array> {
    yield CONTENT;
    throw new Error('the connection ended');
  };
  await assert.rejects(storeBackup(of, manifest(), half(), digestOf));
  assert.deepEqual(readdirSync(of.folder), []);
});

test('listBackups: an archive without a manifest, a damaged one, one of another service -> none of them counts', async () => {
  using of = keeping();
  await storeBackup(of, manifest(), content(), digestOf);
  for (const [name, text] of [
    ['2026-11-22T10-00-00-000Z.tar.gz', 'x'],
    ['2026-11-22T11-00-00-000Z.json', '{'],
    ['2026-11-22T12-00-00-000Z.json', JSON.stringify(manifest({ service: 'gateway-main' }))],
    ['2026-11-22T13-00-00-000Z.json', JSON.stringify(manifest())],
    ['notes.json', '{}'],
  ] as const) {
    writeFileSync(join(of.folder, name), text);
  }
  assert.equal((await listBackups(of, 'node-nas')).length, 1);
});

test('removePartial: what a run that was cut off began -> gone; what has a manifest, even a damaged one, and what is not ours stays', async () => {
  using of = keeping();
  await storeBackup(of, manifest(), content(), digestOf);
  const begun = ['.2026-11-22T10-00-00-000Z.partial', '2026-11-22T10-00-00-000Z.tar.gz', '.2026-11-22T10-00-00-000Z.json.0123456789ab.tmp'];
  const stays = ['2026-11-22T11-00-00-000Z.tar.gz', '2026-11-22T11-00-00-000Z.json', 'mine.tar.gz'];
  for (const name of [...begun, ...stays]) writeFileSync(join(of.folder, name), '{');
  await removePartial(of, 'node-nas');
  assert.deepEqual(
    readdirSync(of.folder).toSorted(),
    ['2026-11-22T08-00-00-123Z.json', '2026-11-22T08-00-00-123Z.tar.gz', ...stays].toSorted(),
  );
});

test('removeBackup: -> gone', async () => {
  using of = keeping();
  await removeBackup(of, await storeBackup(of, manifest(), content(), digestOf));
  assert.deepEqual([await listBackups(of, 'node-nas'), readdirSync(of.folder)], [[], []]);
});

test('listBackups: none yet -> none', async () => {
  using of = keeping();
  assert.deepEqual(await listBackups(of, 'node-nas'), []);
});
