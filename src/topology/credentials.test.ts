import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCredentials, credentialsOf } from './credentials.ts';

test('credentialsOf: what is written, else files', () => {
  assert.deepEqual([credentialsOf('route'), credentialsOf('file'), credentialsOf(undefined)], ['route', 'file', 'file']);
});

test('checkCredentials: a route for an OpenClaw that cannot use it -> a mistake at its place', () => {
  const file = { openclaw: '2026.9.4', gateways: { a: { credentials: 'route' }, b: { credentials: 'file' }, c: {}, d: 1 } };
  assert.deepEqual(
    checkCredentials(file).map((one) => one.path),
    [['gateways', 'a', 'credentials']],
  );
  assert.equal(checkCredentials({ gateways: { a: { budget: {}, credentials: 'file' } } })[0]?.what, 'nothing counts it');
  for (const good of [{ ...file, openclaw: '2026.9.6' }, { gateways: file.gateways }, { openclaw: '2026.9.4' }, undefined]) {
    assert.deepEqual(checkCredentials(good), []);
  }
});
