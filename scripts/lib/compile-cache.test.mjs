import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cacheFolder } from '../../bin/compile-cache.mjs';

const MODULE = new URL('../../bin/compile-cache.mjs', import.meta.url).href;

for (const [env, folder] of [
  [{ HOME: '/home/me' }, '/home/me/.cache/lobsterpot/compiled'],
  [{ HOME: '/home/me', XDG_CACHE_HOME: '/cache' }, '/cache/lobsterpot/compiled'],
  [{ HOME: '/home/me', XDG_CACHE_HOME: 'cache' }, '/home/me/.cache/lobsterpot/compiled'],
  [{ HOME: 'me' }, undefined],
  [{}, undefined],
]) {
  test(`cacheFolder: ${JSON.stringify(env)} -> ${folder}`, () => assert.equal(cacheFolder(env), folder));
}

/** What is kept after a run with that cache folder. */
function keptIn(cache) {
  const code = `const { keepCompiled } = await import(${JSON.stringify(MODULE)}); keepCompiled(); await import('data:text/javascript,1');`;
  const ran = spawnSync(process.execPath, ['--input-type=module', '--eval', code], { env: { XDG_CACHE_HOME: cache }, encoding: 'utf8' });
  assert.equal(ran.status, 0, ran.stderr);
}

test('keepCompiled: a folder of this user -> made for this user alone, and used', () => {
  const cache = mkdtempSync(join(tmpdir(), 'lobsterpot-cache-'));
  try {
    keptIn(cache);
    const folder = join(cache, 'lobsterpot/compiled');
    assert.deepEqual([statSync(folder).mode & 0o777, readdirSync(folder).length], [0o700, 1]);
  } finally {
    rmSync(cache, { recursive: true });
  }
});

test('keepCompiled: a folder that others can write into, or a link -> nothing is taken from it or kept in it', () => {
  const cache = mkdtempSync(join(tmpdir(), 'lobsterpot-cache-'));
  const folder = join(cache, 'lobsterpot/compiled');
  try {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o777);
    keptIn(cache);
    assert.deepEqual(readdirSync(folder), []);
    mkdirSync(join(cache, 'elsewhere'), { mode: 0o700 });
    rmSync(folder, { recursive: true });
    symlinkSync(join(cache, 'elsewhere'), folder);
    keptIn(cache);
    assert.deepEqual(readdirSync(join(cache, 'elsewhere')), []);
  } finally {
    rmSync(cache, { recursive: true });
  }
});
