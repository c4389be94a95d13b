import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import fc from 'fast-check';

import { Problem } from '../../core/problem.ts';
import { identities } from './identity.ts';

const ROOT = { uid: 0, gid: 0 };

suite('identities', () => {
  test('an ordinary user -> every service is that user', () => {
    const own = { uid: 1000, gid: 100 };
    assert.deepEqual([...identities(own, 'home', ['a', 'b']).values()], [own, own]);
  });

  test('root -> a stable number a service, another in another deployment', () => {
    const first = identities(ROOT, 'home', ['gate', 'gateway-main']);
    assert.deepEqual(first, identities(ROOT, 'home', ['gate', 'gateway-main']));
    assert.notDeepEqual(first.get('gate'), identities(ROOT, 'work', ['gate']).get('gate'));
    assert.notDeepEqual(first.get('gate'), first.get('gateway-main'));
  });

  test('root, any name -> never root, never a usual user, uid is gid', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (deployment, name) => {
        const identity = identities(ROOT, deployment, [name]).get(name);
        assert.ok(identity && identity.uid >= 40_000 && identity.uid < 60_000 && identity.uid === identity.gid);
      }),
    );
  });

  test('two services that fall together -> a Problem that names both', () => {
    const seen = new Map<number, string>();
    const clash = Array.from({ length: 2000 }, (_, index) => `node-n${index}`).reduce<readonly string[] | undefined>((found, name) => {
      const uid = identities(ROOT, 'home', [name]).get(name)?.uid ?? 0;
      const other = seen.get(uid);
      seen.set(uid, name);
      return found ?? (other === undefined ? undefined : [other, name]);
    }, undefined);
    assert.ok(clash);
    assert.throws(
      () => identities(ROOT, 'home', clash),
      (error) => error instanceof Problem && error.code === 'process/identity' && clash.every((name) => error.message.includes(name)),
    );
  });
});
