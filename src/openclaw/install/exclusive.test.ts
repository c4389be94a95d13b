import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { exclusively } from './exclusive.ts';

async function inFolder(use: (lock: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lobsterpot-test-'));
  try {
    await use(join(folder, 'a.lock'), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const quick = { timeoutMs: 3000, onWait: () => {} };

test('exclusively: two at once -> one after the other, and nothing is left', () =>
  inFolder(async (lock, folder) => {
    let inside = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      assert.equal(inside, 1);
      await sleep(50);
      inside -= 1;
    };
    await Promise.all([exclusively(lock, quick, work), exclusively(lock, quick, work)]);
    assert.deepEqual(await readdir(folder), []);
  }));

test('exclusively: the work fails -> the lock is given back', () =>
  inFolder(async (lock, folder) => {
    await assert.rejects(
      exclusively(lock, quick, () => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.deepEqual(await readdir(folder), []);
  }));

test('exclusively: held by a process that is gone -> taken over', () =>
  inFolder(async (lock) => {
    // The highest pid that Linux hands out is far below.
    await writeFile(lock, '99999999');
    assert.equal(await exclusively(lock, quick, async () => 7), 7);
  }));

test('exclusively: an old empty lock (its owner died in between) -> taken over', () =>
  inFolder(async (lock) => {
    await writeFile(lock, '');
    await utimes(lock, 1, 1);
    assert.equal(await exclusively(lock, quick, async () => 7), 7);
  }));

test('exclusively: held by a living process -> waits, says so, then a problem (exit 5)', () =>
  inFolder(async (lock) => {
    await writeFile(lock, String(process.pid));
    let waited = 0;
    await assert.rejects(
      exclusively(lock, { timeoutMs: 600, onWait: () => (waited += 1) }, async () => 7),
      { code: 'openclaw/install-locked', exit: 5 },
    );
    assert.equal(waited, 1);
  }));
