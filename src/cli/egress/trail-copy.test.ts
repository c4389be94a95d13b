import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { TrailReplaced } from '../../audit/index/trail-index.ts';
import type { Host } from '../../hosts/host.ts';
import { localHost } from '../../hosts/local-host.ts';
import { trailFileName } from '../../policy/trail-line.ts';
import { copyTrailOn } from './trail-copy.ts';

const [ONE, TWO, THREE] = [1, 2, 3].map(trailFileName);

/** A folder that stands for the one on another host, and how many bytes were fetched of it. */
function stage(
  t: TestContext,
  most = 1_000_000,
): { readonly far: string; readonly near: string; readonly host: Host; readonly fetched: () => number } {
  const folder = mkdtempSync(join(tmpdir(), 'copy-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const far = mkdtempSync(join(folder, 'far-'));
  const near = join(folder, 'near');
  let fetched = 0;
  const host: Host = {
    ...localHost('far'),
    readFrom: async (path, offset) => {
      const content = readFileSync(path);
      const bytes = content.subarray(offset, offset + most);
      fetched += bytes.length;
      return { size: content.length, bytes };
    },
  };
  return { far, near, host, fetched: () => fetched };
}

const same = (far: string, near: string): void =>
  assert.deepEqual(
    readdirSync(near)
      .toSorted()
      .map((name) => [name, readFileSync(join(near, name), 'utf8')]),
    readdirSync(far)
      .toSorted()
      .map((name) => [name, readFileSync(join(far, name), 'utf8')]),
  );

test('copyTrailOn: again and again while files grow and come -> the same, and each byte fetched once', async (t) => {
  const { far, near, host, fetched } = stage(t, 7);
  await copyTrailOn(host, far, near);
  writeFileSync(join(far, ONE ?? ''), 'a line that is fetched in parts\n');
  await copyTrailOn(host, far, near);
  appendFileSync(join(far, ONE ?? ''), 'more\n');
  writeFileSync(join(far, TWO ?? ''), 'second\n');
  await copyTrailOn(host, far, near);
  await copyTrailOn(host, far, near);
  same(far, near);
  assert.equal(fetched(), 32 + 5 + 7);
});

test('copyTrailOn: what the gate dropped -> gone here too; a hole in the middle -> kept here', async (t) => {
  const { far, near, host } = stage(t);
  for (const name of [ONE, TWO, THREE]) writeFileSync(join(far, name ?? ''), `${name}\n`);
  await copyTrailOn(host, far, near);
  rmSync(join(far, ONE ?? ''));
  await copyTrailOn(host, far, near);
  same(far, near);
  writeFileSync(join(far, ONE ?? ''), 'x\n');
  rmSync(join(far, TWO ?? ''));
  await copyTrailOn(host, far, near);
  assert.ok(readdirSync(near).includes(TWO ?? ''));
});

test('copyTrailOn: a file that became shorter -> TrailReplaced, and the copy stays as it was', async (t) => {
  const { far, near, host } = stage(t);
  writeFileSync(join(far, ONE ?? ''), 'a long line\n');
  await copyTrailOn(host, far, near);
  truncateSync(join(far, ONE ?? ''), 3);
  await assert.rejects(copyTrailOn(host, far, near), TrailReplaced);
  assert.equal(readFileSync(join(near, ONE ?? ''), 'utf8'), 'a long line\n');
});

test('copyTrailOn: a host that reads whole files alone, other names in the folder -> the same, and those names are left', async (t) => {
  const { far, near, host } = stage(t);
  const { readFrom: _readFrom, ...plain } = host;
  writeFileSync(join(far, ONE ?? ''), 'one\n');
  await copyTrailOn(plain, far, near);
  appendFileSync(join(far, ONE ?? ''), 'two\n');
  writeFileSync(join(far, '..evil'), 'x');
  await copyTrailOn(plain, far, near);
  assert.deepEqual([readdirSync(near), readFileSync(join(near, ONE ?? ''), 'utf8')], [[ONE], 'one\ntwo\n']);
});
