import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { Problem } from '../core/problem.ts';
import { Redacted } from '../core/redacted.ts';
import { localHost } from '../hosts/local-host.ts';
import { writeJournal } from './journal.ts';
import { describeCutOff, refuseHeld, takeLock, wasCutOff, type CutOff } from './lock.ts';
import { noRecords, readRecords, writeRecords } from './records.ts';
import { checkNotReserved, generateToken, parseSecret, secretStore } from './secret-store.ts';
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
  await withRoot(async (parent) => {
    const root = join(parent, 'home');
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
    let told = false;
    await using _again = await takeLock(root, 'lobsterpot down', () => (told = true));
    assert.equal(told, false);
  });
});

function commandOf(before: CutOff): string {
  return before === 'not understood' ? before : before.command;
}

void test('lock: its process was killed -> taken over, told whose it was, and of many that try at once one gets it', async () => {
  await withRoot(async (parent) => {
    const root = join(parent, 'home');
    const holder = `
      const { takeLock } = await import(${JSON.stringify(new URL('lock.ts', import.meta.url).href)});
      globalThis.held = await takeLock(${JSON.stringify(root)}, 'lobsterpot up', () => {});
      process.kill(process.pid, 'SIGKILL');`;
    spawnSync(process.execPath, ['--input-type=module', '-e', holder], { timeout: 20_000 });
    const told: string[] = [];
    const tries = await Promise.allSettled(
      Array.from({ length: 5 }, () => takeLock(root, 'lobsterpot up', (one) => told.push(commandOf(one)))),
    );
    const taken = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    assert.equal(taken.length, 1);
    assert.deepEqual(told, ['lobsterpot up']);
    await taken[0]?.[Symbol.asyncDispose]();
    assert.equal(await wasCutOff(root), true, 'another command in between does not hide it');
    {
      await using lock = await takeLock(root, 'lobsterpot up', (one) => told.push(commandOf(one)));
      assert.equal(lock.isAfterCutOff, true);
      lock.settle();
    }
    assert.deepEqual(told, ['lobsterpot up', 'lobsterpot up']);
    assert.equal(await wasCutOff(root), false);
  });
});

void test('lock, journal: cannot be written -> a Problem, not a bug', async () => {
  await withRoot(async (parent) => {
    await writeFile(join(parent, 'file'), '');
    await assert.rejects(
      takeLock(join(parent, 'file', 'home'), 'lobsterpot up', () => undefined),
      code('hosts/write'),
    );
    await assert.rejects(writeJournal(join(parent, 'gone'), { event: 'end', outcome: 'done' }), code('hosts/write'));
  });
});

void test('lock: a damaged note beside it -> taken all the same, and a run was cut off until somebody has seen to it', async () => {
  for (const damage of ['', '{"pid": ', '{}', 'null']) {
    await withRoot(async (parent) => {
      const root = join(parent, 'home');
      const note = join(parent, '.locks/home.json');
      await mkdir(join(parent, '.locks'));
      await writeFile(note, damage);
      const told: CutOff[] = [];
      {
        await using lock = await takeLock(root, 'lobsterpot backup', (one) => told.push(one));
        assert.equal(lock.isAfterCutOff, true);
        assert.match(await readFile(note, 'utf8'), /lobsterpot backup/);
      }
      assert.equal(await wasCutOff(root), true);
      {
        await using lock = await takeLock(root, 'lobsterpot up', (one) => told.push(one));
        lock.settle();
      }
      assert.equal(await wasCutOff(root), false);
      assert.deepEqual(told, ['not understood', 'not understood']);
      assert.deepEqual(await readdir(join(parent, '.locks')), ['home.db']);
    });
  }
});

void test('describeCutOff: a note that is damaged, one with control characters -> plain words', () => {
  const holder = { pid: 12, user: 'zoe', host: 'mac', command: 'lobsterpot \u001b[31mup', since: '2026-11-22T08:00:00.000Z' };
  assert.equal(describeCutOff('not understood'), 'the last run was cut off; going on from where it stopped');
  assert.equal(
    describeCutOff(holder),
    'the last run ("lobsterpot \ufffd[31mup", 2026-11-22T08:00:00.000Z) was cut off; going on from where it stopped',
  );
});

void test('lock: held -> says what to type when it hangs', async () => {
  await withRoot(async (parent) => {
    const root = join(parent, 'home');
    await refuseHeld(root);
    {
      await using _lock = await takeLock(root, 'lobsterpot up', () => undefined);
      for (const again of [() => takeLock(root, 'lobsterpot up', () => undefined), () => refuseHeld(root)])
        await assert.rejects(
          again,
          (error) => error instanceof Problem && error.fix.endsWith(`; if it hangs: kill ${process.pid} , then: lobsterpot up`),
        );
    }
    await refuseHeld(root);
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

void test('secret names: those of generated tokens are refused, others are not', () => {
  for (const name of ['gateway_token', 'gateway-main-token', 'gateway-b-token'])
    assert.throws(() => checkNotReserved(name), code('secrets/reserved'));
  for (const name of ['anthropic_api_key', 'gatewaykey', 'my-gateway-token']) checkNotReserved(name);
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
