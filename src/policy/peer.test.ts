import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPeerName, isPeerPath, isPeerRoute, peerRoute } from './peer.ts';

for (const [path, is] of [
  ['/a2a/v1', true],
  ['/team/worker_1/rpc.v2', true],
  ['/~me', true],
  ['', false],
  ['/', false],
  ['a2a', false],
  ['/a2a/', false],
  ['//a2a', false],
  ['/a/../b', false],
  ['/a/./b', false],
  ['/.well-known', false],
  ['/a..b', false],
  ['/a.', false],
  ['/a%2fb', false],
  ['/a?b=c', false],
  ['/a#b', false],
  ['/a b', false],
  ['/a{key}', false],
  ['/a\\b', false],
  ['/é', false],
  [`/${'a'.repeat(511)}`, true],
  [`/${'a'.repeat(512)}`, false],
] as const)
  test(`isPeerPath: ${path.slice(0, 40)} -> ${is}`, () => assert.equal(isPeerPath(path), is));

test('isPeerName: what can be the name of a route -> only that', () => {
  for (const name of ['a', 'worker', 'worker-2', 'a'.repeat(31)])
    assert.ok(isPeerName(name) && peerRoute(name) === `a2a-${name}` && isPeerRoute(peerRoute(name)), name);
  for (const name of ['', '2', '-a', 'A', 'a.b', 'a/b', 'a_b', 'a'.repeat(32)]) assert.ok(!isPeerName(name), name);
  for (const name of ['anthropic', 'telegram', 'openai']) assert.ok(!isPeerRoute(name), name);
});
