import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { sha256 } from '../core/digest.ts';
import { keptBundle } from './kept-bundle.ts';

type Change = (root: string, place: string) => Promise<unknown>;

const changes: readonly (readonly [string, Change, number])[] = [
  ['nothing changed', async () => undefined, 1],
  ['a source changed', (root) => writeFile(join(root, 'a.ts'), 'other'), 2],
  ['a source of the same length', (root) => writeFile(join(root, 'a.ts'), 'ONE'), 2],
  ['a source gone', (root) => rm(join(root, 'a.ts')), 2],
  ['what was kept gone', (_, place) => rm(place), 2],
  ['what was kept cut off', async (_, place) => writeFile(place, (await readFile(place, 'utf8')).slice(0, -9)), 2],
  ['its text changed', async (_, place) => writeFile(place, (await readFile(place, 'utf8')).replace('built', 'other')), 2],
  ['something else in its place', (_, place) => writeFile(place, '{}'), 2],
];

for (const [what, change, times] of changes) {
  test(`keptBundle: ${what} -> built ${times === 1 ? 'once' : 'again'}`, async () => {
    const root = await mkdtemp(join(tmpdir(), 'kept-bundle-'));
    const place = join(root, 'cache', 'it.json');
    await writeFile(join(root, 'a.ts'), 'one');
    let built = 0;
    const build = async (): ReturnType<Parameters<typeof keptBundle>[2]> => {
      built++;
      return { from: { 'a.ts': sha256('one') }, text: 'built' };
    };
    assert.equal(await keptBundle(place, root, build), 'built');
    await change(root, place);
    assert.equal(await keptBundle(place, root, build), 'built');
    assert.equal(built, times);
    assert.deepEqual(await readdir(join(root, 'cache')), ['it.json']);
    await rm(root, { recursive: true });
  });
}

test('keptBundle: nothing can be written there -> built, and nothing is left behind', async () => {
  const root = await mkdtemp(join(tmpdir(), 'kept-bundle-'));
  await writeFile(join(root, 'cache'), 'no folder');
  assert.equal(await keptBundle(join(root, 'cache', 'it.json'), root, async () => ({ from: {}, text: 'built' })), 'built');
  assert.deepEqual(await readdir(root), ['cache']);
  await rm(root, { recursive: true });
});
