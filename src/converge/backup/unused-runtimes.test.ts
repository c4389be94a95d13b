import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { removeRuntimes, unusedRuntimes } from './unused-runtimes.ts';

const [OLD, NEW] = ['openclaw-2026.9.4-aaa-linux-x64', 'openclaw-2026.9.6-bbb-linux-x64'];

/** Installed versions, and for each deployment the one that its one service is run from. */
function workspace(
  installed: readonly string[],
  deployments: Readonly<Record<string, string>>,
): { readonly deployments: string; readonly data: string } & Disposable {
  const root = mkdtempSync(join(tmpdir(), 'lobsterpot-unused-'));
  const place = { deployments: join(root, 'state'), data: join(root, 'data') };
  for (const name of installed) mkdirSync(join(place.data, 'runtimes', name), { recursive: true });
  for (const [name, runtime] of Object.entries(deployments)) {
    const folder = join(place.deployments, name, 'services/gateway-main');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'spec.json'), JSON.stringify({ runtime: join(place.data, 'runtimes', runtime) }));
  }
  return { ...place, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}

for (const [what, installed, deployments, unused] of [
  ['nothing is installed', [], {}, []],
  ['no deployment', [OLD], {}, [OLD]],
  ['one of two is used', [OLD, NEW], { home: NEW }, [OLD]],
  ['each by another deployment', [OLD, NEW], { home: NEW, work: OLD }, []],
  ['what is being installed, a lock, a stranger', [`${NEW}.partial-x`, `${NEW}.lock`, 'notes'], {}, []],
] as const) {
  test(`unusedRuntimes: ${what} -> ${unused.length === 0 ? 'none' : unused.join(' ')}`, async () => {
    using place = workspace(installed, deployments);
    assert.deepEqual(
      (await unusedRuntimes(place)).map((path) => basename(path)),
      unused,
    );
  });
}

test('unusedRuntimes: an upgrade that is not over may go back to it -> not unused', async () => {
  using place = workspace([OLD, NEW], { home: NEW });
  writeFileSync(join(place.deployments, 'home/upgrade.json'), '{\n  "backups": {},\n  "from": "2026.9.4"\n}\n');
  assert.deepEqual(await unusedRuntimes(place), []);
});

test('unusedRuntimes: a specification that cannot be read -> nothing is called unused', async () => {
  using place = workspace([OLD], {});
  mkdirSync(join(place.deployments, 'home/services/gateway-main/spec.json'), { recursive: true });
  await assert.rejects(unusedRuntimes(place), { code: 'EISDIR' });
});

test('removeRuntimes: -> gone', async () => {
  using place = workspace([OLD], {});
  await removeRuntimes(await unusedRuntimes(place));
  assert.equal(existsSync(join(place.data, 'runtimes', OLD)), false);
});
