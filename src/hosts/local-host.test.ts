import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { Problem } from '../core/problem.ts';
import { localHost } from './local-host.ts';

const host = localHost('here');

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lobsterpot-hosts-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

void test('run: exit code, output and stdin -> data', async () => {
  const result = await host.run(['/bin/sh', '-c', 'cat; echo oops >&2; exit 7'], { stdin: 'hello', timeoutMs: 5000 });
  assert.deepEqual(result, { code: 7, signal: undefined, timedOut: false, stdout: 'hello', stderr: 'oops\n' });
});

void test('run: nothing of our environment is inherited', async () => {
  process.env['LOBSTERPOT_TEST_SECRET'] = 'planted';
  const result = await host.run(['/usr/bin/env'], { timeoutMs: 5000 });
  delete process.env['LOBSTERPOT_TEST_SECRET'];
  assert.doesNotMatch(result.stdout, /planted/);
  assert.match(result.stdout, /^PATH=/m);
});

void test('run: past its time limit -> ended and said so', async () => {
  const result = await host.run(['/bin/sleep', '30'], { timeoutMs: 100 });
  assert.equal(result.timedOut, true);
  assert.equal(result.code, undefined);
});

void test('run: absent program -> 127 like a shell', async () => {
  const result = await host.run(['/nowhere/at/all'], { timeoutMs: 1000 });
  assert.equal(result.code, 127);
});

void test('write: new and replaced file -> content, mode, no temporary file left', async () => {
  await withFolder(async (folder) => {
    const path = join(folder, 'a.json');
    await host.write(path, 'one', { mode: 0o600 });
    await host.write(path, 'two', { mode: 0o400 });
    const [state] = await host.stat([path]);
    assert.equal(state?.kind === 'file' && state.mode, 0o400);
    assert.equal(await readFile(path, 'utf8'), 'two');
    assert.deepEqual(await readdir(folder), ['a.json']);
  });
});

void test('write: a link in its place is replaced, its target is untouched', async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, 'target'), 'precious');
    await symlink(join(folder, 'target'), join(folder, 'link'));
    await host.write(join(folder, 'link'), 'new', { mode: 0o600 });
    assert.equal(await readFile(join(folder, 'target'), 'utf8'), 'precious');
    assert.equal((await host.stat([join(folder, 'link')]))[0]?.kind, 'file');
  });
});

void test('write: a folder that takes no files -> a Problem, not a stack trace', async () => {
  await assert.rejects(
    host.write('/proc/nothing-here', 'x', { mode: 0o600 }),
    (error: unknown) => error instanceof Problem && error.code === 'hosts/write',
  );
});

void test('read: a link is refused, an absent file is undefined', async () => {
  await withFolder(async (folder) => {
    await symlink('/etc/passwd', join(folder, 'link'));
    await assert.rejects(host.read(join(folder, 'link')), Problem);
    assert.equal(await host.read(join(folder, 'none')), undefined);
  });
});

void test('makeFolder: parents are private, a second call changes nothing, a file in its place is refused', async () => {
  await withFolder(async (folder) => {
    await host.makeFolder(join(folder, 'p/q'), { mode: 0o755 });
    await host.makeFolder(join(folder, 'p/q'), { mode: 0o755 });
    const states = await host.stat([join(folder, 'p'), join(folder, 'p/q')]);
    assert.deepEqual(
      states.map((one) => one.kind === 'directory' && one.mode),
      [0o700, 0o755],
    );
    await writeFile(join(folder, 'file'), '');
    await assert.rejects(host.makeFolder(join(folder, 'file'), { mode: 0o700 }), Problem);
  });
});

void test('link and rename: a second name is never taken from another file; a file is replaced, a folder is not', async () => {
  await withFolder(async (folder) => {
    const [a, b, c] = [join(folder, 'a'), join(folder, 'keep/b'), join(folder, 'c')];
    await host.write(a, 'old', { mode: 0o600 });
    assert.equal(await host.link(a, b), true);
    await host.write(a, 'new', { mode: 0o600 });
    assert.equal(await host.link(a, b), false);
    assert.equal(String(await host.read(b)), 'old');
    await host.rename(b, a);
    assert.equal(String(await host.read(a)), 'old');
    await host.makeFolder(c, { mode: 0o700 });
    await assert.rejects(host.rename(a, c), Problem);
    await assert.rejects(host.link(join(folder, 'none'), b), Problem);
  });
});

void test('pipe: bytes both ways, a bad end is its error, leaving ends the program', async () => {
  const cat = host.pipe(['/bin/cat']);
  cat.end('there and back');
  assert.equal(Buffer.concat(await cat.toArray()).toString(), 'there and back');
  await assert.rejects(host.pipe(['/bin/sh', '-c', 'echo gone >&2; exit 4']).toArray(), { code: 'hosts/pipe', why: 'gone' });
  await assert.rejects(host.pipe(['/nowhere/at/all']).toArray(), { code: 'hosts/pipe' });
  const began = performance.now();
  {
    await using stubborn = host.pipe(['/bin/sh', '-c', 'echo on; exec sleep 60']);
    await new Promise((resolve) => stubborn.once('data', resolve));
  }
  assert.ok(performance.now() - began < 10_000);
});

void test('facts: of docker, when asked -> something is known of it; never an exception', async () => {
  const { docker, home } = await host.facts({ docker: true, folder: '/nowhere/at/all' });
  assert.ok(docker !== undefined && home !== undefined);
  assert.equal((await host.facts()).docker, undefined);
});
