import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeOldClaims, takeHostLocks, takeHostLocksThere } from './host-lock.ts';
import { smallEngine } from './rotate/testing/small-engine.ts';

test("host lock: taken and given back -> nothing stays; another operator's -> refused, and stays", async () => {
  using small = smallEngine();
  const site = await elsewhere(small.engine);
  {
    await using _lock = await takeHostLocks(small.engine, [site], 'lobsterpot up', () => undefined);
    assert.deepEqual(readdirSync(site.root), ['.lock']);
  }
  assert.deepEqual(readdirSync(site.root), []);
  writeFileSync(join(site.root, '.lock'), JSON.stringify(claim('f'.repeat(32))));
  await assert.rejects(
    takeHostLocks(small.engine, [site], 'lobsterpot up', () => undefined),
    { code: 'converge/host-locked', exit: 5 },
  );
  assert.deepEqual(readdirSync(site.root), ['.lock']);
});

test('host locks there: no folder yet -> nothing to lock, and none is made; there -> as any other', async () => {
  using small = smallEngine();
  const site = await elsewhere(small.engine);
  const gone = { ...site, root: join(site.root, 'gone') };
  {
    await using _lock = await takeHostLocksThere(small.engine, [gone], 'lobsterpot backup');
    assert.deepEqual(readdirSync(site.root), []);
  }
  writeFileSync(join(site.root, '.lock'), JSON.stringify(claim('f'.repeat(32))));
  await assert.rejects(takeHostLocksThere(small.engine, [site, gone], 'lobsterpot backup'), { code: 'converge/host-locked' });
});

test("removeOldClaims: this operator's own -> gone; another one's, one that is not understood, and the lock itself stay", async () => {
  using small = smallEngine();
  const site = await elsewhere(small.engine);
  const mine = 'a'.repeat(32);
  writeFileSync(join(small.engine.root, 'operator'), mine);
  const files = { '.lock': mine, '.lock.00000000000a': mine, '.lock.00000000000b': 'b'.repeat(32) };
  for (const [name, operator] of Object.entries(files)) writeFileSync(join(site.root, name), JSON.stringify(claim(operator)));
  writeFileSync(join(site.root, '.lock.00000000000c'), '{');
  await removeOldClaims(small.engine, site);
  assert.deepEqual(readdirSync(site.root).toSorted(), ['.lock', '.lock.00000000000b', '.lock.00000000000c']);
});

/** The site as one whose folder is not the operator's. */
async function elsewhere(engine: ReturnType<typeof smallEngine>['engine']): Promise<Parameters<typeof removeOldClaims>[1]> {
  const site = await engine.site('here');
  assert.ok(site);
  const root = join(engine.root, '../elsewhere');
  mkdirSync(root);
  return { ...site, root };
}

function claim(operator: string): object {
  return { pid: 1, user: 'somebody', host: 'mac', command: 'lobsterpot up', since: '2026-11-22T08:00:00.000Z', operator };
}
