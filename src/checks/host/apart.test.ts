import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkApart } from './apart.ts';
import type { Standing } from './apart.ts';

const OPEN = ['mnt', 'pid', 'ipc', 'uts', 'cgroup'];
const CLOSED = [...OPEN, 'net'];

describe('checkApart', () => {
  const spaces = (number: number) =>
    Object.fromEntries(['net', 'mnt', 'pid', 'ipc', 'uts', 'cgroup'].map((kind) => [kind, `${kind}:[${number}]`]));
  const gateway: Standing = { service: 'gateway-main', kinds: CLOSED, namespaces: spaces(1) };
  const node: Standing = { service: 'node-nas', kinds: CLOSED, namespaces: spaces(2) };
  const gate: Standing = { service: 'gate', kinds: OPEN, namespaces: spaces(3) };
  const statuses = (standings: readonly Standing[]): readonly string[] => checkApart(standings).map(({ status }) => status);

  test('each its own -> pass', () => assert.deepEqual(statuses([gate, gateway, node]), ['pass', 'pass', 'pass']));
  test('two share their network -> both fail, named', () => {
    const sharing = { ...node, namespaces: { ...spaces(2), net: 'net:[1]' } };
    assert.deepEqual(statuses([gate, gateway, sharing]), ['pass', 'fail', 'fail']);
    assert.equal(checkApart([gateway, sharing])[0]?.message, 'net with node-nas');
  });
  test('two gates share the network of the host -> nothing to say', () => {
    assert.deepEqual(statuses([gate, { ...gate, service: 'gate-2', namespaces: { ...spaces(4), net: 'net:[3]' } }]), ['pass', 'pass']);
  });
  test('one could not be read -> unknown for all', () =>
    assert.deepEqual(statuses([gateway, { ...node, namespaces: undefined }]), ['unknown', 'unknown']));
});
