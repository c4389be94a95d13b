import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../policy/decide.ts';
import type { EgressPolicy } from '../policy/policy.ts';
import type { AccessLine } from './access-line.ts';
import { Hops } from './hops.ts';
import { judgePassage } from './judge-passage.ts';

const policy: EgressPolicy = {
  version: 1,
  deployment: 'home',
  mode: 'enforce',
  allow: [{ host: 'api.example.com', port: 443, source: 'lobsterpot.yaml' }],
  deny: [{ host: 'bad.example.com', port: 443, source: 'lobsterpot.yaml' }],
};
const passed: AccessLine = {
  endMs: 2000,
  ms: 1500,
  port: 19_101,
  fromPort: 40_000,
  onPort: 41_000,
  status: 200,
  did: 'TCP_TUNNEL',
  method: 'CONNECT',
  host: 'api.example.com',
  toPort: 443,
  address: '198.51.100.10',
  up: 10,
  down: 20,
  error: undefined,
  hello: undefined,
  sni: undefined,
};
const denied: AccessLine = { ...passed, status: 403, did: 'TCP_DENIED', onPort: undefined, address: undefined, error: 'ERR_ACCESS_DENIED' };
const failed: AccessLine = { ...denied, status: 503, did: 'NONE_NONE' };
const atHop: AccessLine = { ...passed, port: 19_003, fromPort: 41_000, hello: 'splice', sni: 'api.example.com' };

const CASES: readonly (readonly [situation: string, line: AccessLine, hop: AccessLine | undefined, expected: string])[] = [
  ['a tunnel', passed, undefined, 'allow rule'],
  ['a tunnel with the right name', passed, atHop, 'allow rule'],
  ['a tunnel of an earlier policy', { ...passed, host: 'was.example.com' }, undefined, 'allow rule'],
  ['a name without a rule', { ...denied, host: 'evil.test' }, undefined, 'deny no-rule'],
  ['a denied name', { ...denied, host: 'bad.example.com' }, undefined, 'deny deny-rule'],
  ['an address', { ...denied, host: '198.51.100.1' }, undefined, 'deny address-without-rule'],
  ['loopback', { ...denied, host: '127.0.0.1' }, undefined, 'deny never-class'],
  ['an allowed name with a closed address', denied, undefined, 'deny private-address'],
  ['no host', { ...denied, status: 400, did: 'NONE_NONE', host: '', toPort: undefined, error: undefined }, undefined, 'deny bad-request'],
  ['a host that is none', { ...denied, host: 'a@b' }, undefined, 'deny bad-target'],
  ['a plain request', { ...denied, method: 'GET', toPort: 80 }, undefined, 'deny bad-request'],
  ['a name without an address', { ...failed, error: 'ERR_DNS_FAIL' }, undefined, 'deny unresolvable'],
  ['nobody there', { ...failed, error: 'ERR_CONNECT_FAIL' }, undefined, 'deny upstream-failed'],
  ['an unknown failure', { ...failed, error: 'ERR_ODD' }, undefined, 'deny upstream-failed'],
  ['another name in the ClientHello', passed, { ...atHop, hello: 'terminate', sni: 'x.test' }, 'deny sni-mismatch'],
  ['no name in the ClientHello', passed, { ...atHop, hello: 'terminate', sni: undefined }, 'deny sni-missing'],
  ['no ClientHello', passed, { ...atHop, hello: 'peek', error: 'ERR_PROTOCOL_UNKNOWN' }, 'deny not-tls'],
];

for (const [situation, line, hop, expected] of CASES) {
  test(`judgePassage: ${situation} -> ${expected}`, () => {
    const told = judgePassage({ line, hop }, 'gateway-main', {
      decide: (target) => decide(policy, target, 'gateway-main', 0),
      why: 'closed',
    });
    assert.equal(`${told.decision.verdict} ${told.decision.reason}`, expected);
    assert.equal(told.end !== undefined, told.decision.verdict === 'allow', 'only what passed has an end');
  });
}

test('judgePassage: what passed -> rule, address, bytes and time are in the trail', () => {
  const told = judgePassage({ line: passed, hop: undefined }, 'node-nas', {
    decide: (target) => decide(policy, target, 'node-nas', 0),
    why: 'policy',
  });
  assert.deepEqual(told, {
    decision: {
      kind: 'decision',
      client: 'node-nas',
      via: 'connect',
      host: 'api.example.com',
      port: 443,
      verdict: 'allow',
      reason: 'rule',
      rule: 'api.example.com:443 (lobsterpot.yaml)',
      address: '198.51.100.10',
    },
    end: { kind: 'end', client: 'node-nas', host: 'api.example.com', port: 443, up: 10, down: 20, ms: 1500, why: 'policy' },
  });
});

test('Hops: the line of the second hop -> waits for its connection, and is forgotten in time', () => {
  const hops = new Hops(19_003);
  assert.equal(hops.take(atHop), undefined);
  assert.equal(hops.take(passed)?.hop, atHop);
  assert.equal(hops.take(passed)?.hop, undefined, 'once');
  for (let port = 1; port <= 3000; port += 1) hops.take({ ...atHop, fromPort: port });
  assert.equal(hops.take({ ...passed, onPort: 1 })?.hop, undefined);
  assert.equal(hops.take({ ...passed, onPort: 3000 })?.hop?.fromPort, 3000);
});

test('Hops: without a second hop -> a line with its port is a client of its own', () => {
  assert.equal(new Hops(undefined).take(atHop)?.line, atHop);
});
