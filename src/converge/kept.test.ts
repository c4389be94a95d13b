import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { localHost } from '../hosts/local-host.ts';
import { keep, letGo, putBack, readKept } from './kept.ts';

const NOTHING = { services: [], order: [], record: {} };

/** A deployment's folder with two files of before in it. */
function place(): Disposable & Parameters<typeof keep>[0] & { write(text: string): void; read(): readonly string[] } {
  const root = mkdtempSync(join(tmpdir(), 'lobsterpot-kept-'));
  // As it is really done: a new file in the place of the old one.
  const write = (text: string): void => {
    for (const name of ['a', 'b']) {
      writeFileSync(join(root, 'new'), text);
      renameSync(join(root, 'new'), join(root, name));
    }
  };
  write('before');
  return {
    name: 'here',
    root,
    host: localHost('here'),
    write,
    read: () => ['a', 'b'].map((name) => readFileSync(join(root, name), 'utf8')),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

async function back(of: Parameters<typeof keep>[0]): Promise<void> {
  const kept = await readKept(of);
  assert.ok(kept);
  await putBack(of, kept);
}

test('keep, putBack: -> what was replaced is back, what was not there is gone, also when a run in between was cut off', async () => {
  using of = place();
  await keep(of, ['a', 'b', 'c'], NOTHING);
  of.write('first');
  await keep(of, ['a', 'b', 'c'], NOTHING);
  of.write('second');
  writeFileSync(join(of.root, 'c'), 'new');
  await back(of);
  assert.deepEqual([of.read(), existsSync(join(of.root, 'c'))], [['before', 'before'], false]);
  await letGo(of);
  assert.equal(await readKept(of), undefined);
});

test('keep: a run was cut off while it went back -> the next one that fails goes back to the same', async () => {
  using of = place();
  await keep(of, ['a', 'b'], NOTHING);
  of.write('first');
  renameSync(join(of.root, '.before/files/a'), join(of.root, 'a'));
  await keep(of, ['b'], NOTHING);
  of.write('second');
  await back(of);
  assert.deepEqual(of.read(), ['before', 'before']);
});
