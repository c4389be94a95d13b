import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PolicyStore } from './policy-store.ts';

const policy = (host: string): string =>
  JSON.stringify({ version: 1, deployment: 'home', mode: 'enforce', allow: [{ host, port: 443, source: 's' }], deny: [] });
const deny = (host: string): string => JSON.stringify({ version: 1, rules: [{ verdict: 'deny', host, port: 443, by: 'ann', atMs: 0 }] });

function make(t: TestContext): { readonly store: PolicyStore; readonly put: (name: 'policy' | 'overrides', text: string) => void } {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const put = (name: string, text: string): void => {
    writeFileSync(join(folder, 'new'), text);
    renameSync(join(folder, 'new'), join(folder, name));
  };
  return { store: new PolicyStore({ policyFile: join(folder, 'policy'), overridesFile: join(folder, 'overrides') }, () => 0), put };
}

test('PolicyStore: no file yet -> no policy, and why', (t) => {
  const { store } = make(t);
  const { policy: none, error } = store.load();
  assert.equal(none, undefined);
  assert.match(error ?? '', /^policy: cannot be read: ENOENT/);
});

test('PolicyStore: good, then bad, then good -> the last good one, with the error while it lasts', (t) => {
  const { store, put } = make(t);
  put('policy', policy('a.test'));
  const { digest } = store.load();
  assert.equal(store.isStale(), false);
  put('policy', '{');
  assert.equal(store.isStale(), true);
  const kept = store.load();
  assert.deepEqual([kept.policy?.allow[0]?.host, kept.error, kept.digest], ['a.test', 'policy: not JSON', digest]);
  put('policy', policy('b.test'));
  const now = store.load();
  assert.deepEqual([now.policy?.allow[0]?.host, now.error], ['b.test', undefined]);
});

test('PolicyStore: bad overrides at the start -> no policy at all, for a denial may stand in them', (t) => {
  const { store, put } = make(t);
  put('policy', policy('a.test'));
  put('overrides', '{');
  assert.deepEqual([store.load().policy, store.state.error], [undefined, 'overrides: not JSON']);
  put('overrides', deny('a.test'));
  assert.equal(store.load().policy?.deny[0]?.source, 'operator ann 1970-01-01');
  put('overrides', '[]');
  assert.deepEqual([store.load().policy?.deny.length, store.state.overrides], [1, 1]);
});
