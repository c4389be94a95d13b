import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isWhole, judgeTrail } from './recorded.ts';

describe('judgeTrail', () => {
  const client = { client: 'gateway-main', canary: 'lpx', allowedName: 'api.test', resolverAnswered: true };
  const canary = { client: 'gateway-main', host: 'a.lpx.invalid', reason: 'no-rule' };
  const question = { ...canary, reason: 'dns-question' };
  const tunnels = ['sni-mismatch', 'sni-missing', 'not-tls'].map((reason) => ({ client: 'gateway-main', host: 'api.test', reason }));
  const cases = [
    { name: 'all recorded', denied: [canary, question, ...tunnels], expected: ['pass', 'pass', 'pass'] },
    { name: 'nothing recorded', denied: [], expected: ['fail', 'fail', 'fail'] },
    {
      name: 'under another client',
      denied: [{ ...canary, client: 'node-nas' }, { ...question, client: 'node-nas' }, ...tunnels],
      expected: ['fail', 'fail', 'pass'],
    },
    { name: 'an old run', denied: [{ ...canary, host: 'a.lpy.invalid' }, question, ...tunnels], expected: ['fail', 'pass', 'pass'] },
    { name: 'one kind of tunnel is missing', denied: [canary, question, ...tunnels.slice(1)], expected: ['pass', 'pass', 'fail'] },
    {
      name: 'no internet',
      denied: [canary, question, { ...canary, host: 'api.test', reason: 'unresolvable' }],
      expected: ['pass', 'pass', 'unknown'],
    },
    {
      name: 'so many that they were counted',
      denied: [{ client: 'gateway-main', host: '', reason: 'limit' }],
      expected: ['unknown', 'unknown', 'unknown'],
    },
    { name: 'a connection does not stand for a question', denied: [canary, ...tunnels], expected: ['pass', 'fail', 'pass'] },
    { name: 'nor a question for a connection', denied: [question, ...tunnels], expected: ['fail', 'pass', 'pass'] },
  ];
  for (const { name, denied, expected } of cases) {
    test(`${name} -> ${expected.join(', ')}`, () =>
      assert.deepEqual(
        judgeTrail(denied, [client]).map(({ status }) => status),
        expected,
      ));
  }
  test('nobody answers its questions -> it is not known what became of them', () => {
    const findings = judgeTrail([canary, ...tunnels], [{ ...client, resolverAnswered: false }]);
    assert.deepEqual(
      findings.map(({ status }) => status),
      ['pass', 'unknown', 'pass'],
    );
    const old = judgeTrail([canary, ...tunnels], [{ ...client, resolverAnswered: false }], true);
    assert.equal(old[1]?.status, 'not-enforced');
  });
  test('no allowed name -> nothing is said of tunnels', () => {
    assert.deepEqual(
      judgeTrail([canary], [{ client: 'gateway-main', canary: 'lpx', resolverAnswered: true }]).map(({ checkId }) => checkId),
      ['egress.recorded', 'egress.dns-recorded'],
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
