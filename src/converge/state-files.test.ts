import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { Problem } from '../core/problem.ts';
import { Redacted } from '../core/redacted.ts';
import { localHost } from '../hosts/local-host.ts';
import { writeJournal } from './journal.ts';
import { takeLock } from './lock.ts';
import { noRecords, readRecords, writeRecords } from './records.ts';
import { generateToken, parseSecret, secretStore } from './secret-store.ts';
import { checkRoot } from './workspace.ts';

const host = localHost('here');

async function withRoot(use: (root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'lobsterpot-converge-'));
  try {
    await use(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const code = (expected: string) => (error: unknown) => error instanceof Problem && error.code === expected;

void test('lock: a second taker -> told who holds it; after it is given back it can be taken', async () => {
  await withRoot(async (root) => {
    {
      await using _held = await takeLock(root, 'lobsterpot up', () => undefined);
      await assert.rejects(
        takeLock(root, 'lobsterpot down', () => undefined),
        (error: unknown) => {
          assert.ok(error instanceof Problem);
          assert.match(error.why, /"lobsterpot up" of .* \(pid \d+\)/);
          assert.equal(error.exit, 5);
          return true;
        },
      );
    }
    await using _again = await takeLock(root, 'lobsterpot down', () => undefined);
    assert.deepEqual(await readdir(root), ['lock']);
  });
});

void test('lock, journal: cannot be written -> a Problem, not a bug', async () => {
  await withRoot(async (root) => {
    const gone = join(root, 'gone');
    await assert.rejects(
      takeLock(gone, 'lobsterpot up', () => undefined),
      code('hosts/write'),
    );
    await assert.rejects(writeJournal(gone, { event: 'end', outcome: 'done' }), code('hosts/write'));
  });
});

void test('lock: its process is gone -> taken over, and told whose it was', async () => {
  await withRoot(async (root) => {
    const dead = spawnSync(process.execPath, ['-e', 'console.log(process.pid)'], { encoding: 'utf8' });
    const holder = {
      pid: Number(dead.stdout),
      started: '1',
      user: 'ann',
      host: 'here',
      command: 'lobsterpot up',
      since: '2026-11-22T00:00:00.000Z',
    };
    await writeFile(join(root, 'lock'), JSON.stringify(holder));
    let told = '';
    await using _lock = await takeLock(root, 'lobsterpot up', (stale) => (told = stale?.user ?? 'nobody'));
    assert.equal(told, 'ann');
  });
});

void test('lock: a damaged lock file -> taken over', async () => {
  await withRoot(async (root) => {
    await writeFile(join(root, 'lock'), '{"pid": ');
    await using _lock = await takeLock(root, 'lobsterpot up', () => undefined);
    assert.match(await readFile(join(root, 'lock'), 'utf8'), /lobsterpot up/);
  });
});

void test('records: written and read again; damaged -> a Problem, and the file is untouched', async () => {
  await withRoot(async (root) => {
    assert.equal(await readRecords(host, root), undefined);
    const records = {
      ...noRecords('/a/lobsterpot.yaml'),
      nodes: { nas: { deviceId: 'a'.repeat(64), enrolledAt: '2026-11-22T00:00:00.000Z', execPolicy: 'x' } },
    };
    await writeRecords(host, root, records);
    assert.deepEqual(await readRecords(host, root), records);
    for (const damage of ['', '{', '[]', '{"version":2}', JSON.stringify({ ...records, extra: 1 })]) {
      await writeFile(join(root, 'records.json'), damage);
      await assert.rejects(readRecords(host, root), code('converge/records'));
      assert.equal(await readFile(join(root, 'records.json'), 'utf8'), damage);
    }
  });
});

void test('secret store: set, list, age, digest; never in the clear in JSON', async () => {
  await withRoot(async (root) => {
    const store = secretStore(host, root);
    assert.deepEqual(await store.names(), []);
    await store.write('anthropic_api_key', new Redacted('sk-planted'));
    assert.deepEqual(await store.names(), ['anthropic_api_key']);
    assert.ok(((await store.setAt('anthropic_api_key')) ?? 0) > Date.now() - 60_000);
    const value = await store.read('anthropic_api_key');
    assert.equal(value?.reveal(), 'sk-planted');
    assert.equal(JSON.stringify({ value, text: String(value) }), '{"value":"[redacted]","text":"[redacted]"}');
    const [state] = await host.stat([join(root, 'secrets/anthropic_api_key')]);
    assert.equal(state?.kind === 'file' && state.mode, 0o600);
    await assert.rejects(store.write('../escape', new Redacted('x')), code('secrets/name'));
  });
});

void test('secret values: what is refused and what a newline does', () => {
  assert.equal(parseSecret('abc\n').reveal(), 'abc');
  assert.equal(parseSecret('abc\r\n').reveal(), 'abc');
  for (const bad of ['', '\n', '   ', 'a\nb', 'a\u0000b', 'x'.repeat(65_537)]) assert.throws(() => parseSecret(bad), code('secrets/value'));
  assert.match(generateToken().reveal(), /^[0-9a-f]{64}$/);
});

void test("root folder: another user's, or open to others -> a Problem with the fix", async () => {
  await withRoot(async (root) => {
    const uid = process.getuid?.() ?? 0;
    await checkRoot(host, root, uid);
    await checkRoot(host, join(root, 'absent'), uid);
    await assert.rejects(checkRoot(host, root, uid + 1), code('converge/root-owner'));
    await host.makeFolder(join(root, 'open'), { mode: 0o777 });
    await assert.rejects(checkRoot(host, join(root, 'open'), uid), code('converge/root-mode'));
    await writeFile(join(root, 'file'), '');
    await assert.rejects(checkRoot(host, join(root, 'file'), uid), code('converge/root-not-folder'));
  });
});
