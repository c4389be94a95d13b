import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isWhole, judgeTrail } from './recorded.ts';

describe('judgeTrail', () => {
  const client = { client: 'gateway-main', canary: 'lpx', allowedName: 'api.test' };
  const canary = { client: 'gateway-main', host: 'a.lpx.invalid', reason: 'no-rule' };
  const tunnels = ['sni-mismatch', 'sni-missing', 'not-tls'].map((reason) => ({ client: 'gateway-main', host: 'api.test', reason }));
  const cases = [
    { name: 'all recorded', denied: [canary, ...tunnels], expected: ['pass', 'pass'] },
    { name: 'nothing recorded', denied: [], expected: ['fail', 'fail'] },
    { name: 'under another client', denied: [{ ...canary, client: 'node-nas' }, ...tunnels], expected: ['fail', 'pass'] },
    { name: 'an old run', denied: [{ ...canary, host: 'a.lpy.invalid' }, ...tunnels], expected: ['fail', 'pass'] },
    { name: 'one kind of tunnel is missing', denied: [canary, ...tunnels.slice(1)], expected: ['pass', 'fail'] },
    { name: 'no internet', denied: [canary, { ...canary, host: 'api.test', reason: 'unresolvable' }], expected: ['pass', 'unknown'] },
    {
      name: 'so many that they were counted',
      denied: [{ client: 'gateway-main', host: '', reason: 'limit' }],
      expected: ['unknown', 'unknown'],
    },
  ];
  for (const { name, denied, expected } of cases) {
    test(`${name} -> ${expected.join(', ')}`, () =>
      assert.deepEqual(
        judgeTrail(denied, [client]).map(({ status }) => status),
        expected,
      ));
  }
  test('no allowed name -> nothing is said of tunnels', () => {
    assert.deepEqual(
      judgeTrail([canary], [{ client: 'gateway-main', canary: 'lpx' }]).map(({ checkId }) => checkId),
      ['egress.recorded'],
    );
  });
});

describe('isWhole', () => {
  const client = { client: 'gateway-main', canary: 'lpx', allowedName: 'api.test' };
  const canary = { client: 'gateway-main', host: 'a.lpx.invalid', reason: 'no-rule' };
  const of = (...reasons: readonly string[]) => [
    canary,
    ...reasons.map((reason) => ({ client: 'gateway-main', host: 'api.test', reason })),
  ];
  const cases = [
    { name: 'the canary and every tunnel', denied: of('sni-mismatch', 'sni-missing', 'not-tls'), clients: [client], expected: true },
    { name: 'no canary yet', denied: of('sni-mismatch', 'sni-missing', 'not-tls').slice(1), clients: [client], expected: false },
    { name: 'a tunnel is to come', denied: of('sni-mismatch', 'sni-missing'), clients: [client], expected: false },
    { name: 'no internet, one is to come', denied: of('unresolvable', 'unresolvable', 'unresolvable'), clients: [client], expected: false },
    { name: 'no internet', denied: of(...Array.from({ length: 4 }, () => 'unresolvable')), clients: [client], expected: true },
    { name: 'another client has nothing yet', denied: of(), clients: [client, { client: 'node-nas', canary: 'lpy' }], expected: false },
    { name: 'no name is allowed', denied: [canary], clients: [{ client: 'gateway-main', canary: 'lpx' }], expected: true },
  ];
  for (const { name, denied, clients, expected } of cases)
    test(`${name} -> ${expected}`, () => assert.equal(isWhole(denied, clients), expected));
});
