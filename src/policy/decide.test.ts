import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decide, decideAddress, nextExpiry } from './decide.ts';
import type { EgressPolicy, Rule } from './policy.ts';
import { normaliseTarget } from './target.ts';

const rule = (host: string, more: Partial<Rule> = {}): Rule => ({ host, port: 443, source: 'test', ...more });
const policy = (more: Partial<EgressPolicy> = {}): EgressPolicy => ({
  version: 1,
  deployment: 'home',
  mode: 'enforce',
  allow: [
    rule('api.example.com'),
    rule('*.wide.example.com'),
    rule('192.168.1.5'),
    rule('timed.example.com', { until: 100 }),
    rule('one.example.com', { client: 'gateway-one' }),
  ],
  deny: [rule('bad.wide.example.com')],
  ...more,
});

function verdict(given: EgressPolicy, host: string, port = 443, client = 'gateway-main', nowMs = 50): string {
  const target = normaliseTarget(host, port);
  assert.ok(!('refused' in target), host);
  const { allowed, reason } = decide(given, target, client, nowMs);
  return `${allowed ? 'allow' : 'deny'} ${reason}`;
}

const CASES: readonly (readonly [situation: string, args: readonly [string, number?, string?, number?], expected: string])[] = [
  ['an exact name', ['API.example.com.'], 'allow rule'],
  ['another port', ['api.example.com', 8443], 'deny no-rule'],
  ['a sub-domain of an exact name', ['x.api.example.com'], 'deny no-rule'],
  ['a suffix look-alike', ['api.example.com.evil.test'], 'deny no-rule'],
  ['a prefix look-alike', ['xapi.example.com'], 'deny no-rule'],
  ['a sub-domain under a star', ['a.b.wide.example.com'], 'allow rule'],
  ['the name of a star itself', ['wide.example.com'], 'deny no-rule'],
  ['a look-alike of a star', ['xwide.example.com'], 'deny no-rule'],
  ['deny beats allow', ['bad.wide.example.com'], 'deny deny-rule'],
  ['a rule for another client', ['one.example.com'], 'deny no-rule'],
  ['a rule for this client', ['one.example.com', 443, 'gateway-one'], 'allow rule'],
  ['a timed rule', ['timed.example.com', 443, 'x', 99], 'allow rule'],
  ['a timed rule at its end', ['timed.example.com', 443, 'x', 100], 'deny no-rule'],
  ['an address with its rule', ['192.168.1.5'], 'allow rule'],
  ['an address in another spelling', ['0xC0A80105'], 'allow rule'],
  ['an address without a rule', ['198.51.100.1'], 'deny address-without-rule'],
  ['loopback', ['127.0.0.1'], 'deny never-class'],
  ['loopback by name', ['a.localhost'], 'deny never-class'],
  ['metadata', ['169.254.169.254'], 'deny never-class'],
];

for (const [situation, args, expected] of CASES) {
  test(`decide: ${situation} -> ${expected}`, () => {
    assert.equal(verdict(policy(), ...args), expected);
  });
}

test('decide: report mode -> lets pass and tells what it would have been, never the closed classes nor what a rule denies', () => {
  const report = policy({ mode: 'report' });
  assert.equal(verdict(report, 'evil.test'), 'allow report-mode');
  assert.equal(verdict(report, 'bad.wide.example.com'), 'deny deny-rule');
  assert.equal(verdict(report, 'api.example.com'), 'allow rule');
  assert.equal(verdict(report, '127.0.0.1'), 'deny never-class');
  assert.equal(decide(report, { host: 'evil.test', port: 443, kind: 'name' }, 'x', 0).would, 'no-rule');
});

test('decide: closed classes -> no rule opens them', () => {
  for (const host of ['127.0.0.1', '::1', '169.254.169.254', '0.0.0.0', 'fe80::1', '224.0.0.1', 'localhost']) {
    assert.equal(verdict(policy({ allow: [rule(host)] }), host), 'deny never-class');
  }
});

test('decide: any target and any policy -> allowed only with a matching rule, and never when a deny rule matches', () => {
  const host = fc.constantFrom('a.example', 'b.a.example', 'c.b.a.example', 'example', '198.51.100.1', '10.0.0.1', '2001:db8::1');
  const ruleHost = fc.oneof(host, fc.constantFrom('*.a.example', '*.b.a.example'));
  const anyRule = fc.record({ host: ruleHost, port: fc.constantFrom(443, 80), source: fc.constant('p') });
  fc.assert(
    fc.property(
      fc.array(anyRule, { maxLength: 4 }),
      fc.array(anyRule, { maxLength: 4 }),
      host,
      fc.constantFrom(443, 80),
      (allow, deny, given, port) => {
        const target = normaliseTarget(given, port);
        assert.ok(!('refused' in target));
        const matches = (one: Rule): boolean =>
          one.port === port &&
          (one.host === target.host || (target.kind === 'name' && one.host.startsWith('*.') && target.host.endsWith(one.host.slice(1))));
        const expected = allow.some(matches) && !deny.some(matches);
        assert.equal(decide(policy({ allow, deny }), target, 'c', 0).allowed, expected);
      },
    ),
  );
});

const own = new Set(['198.51.100.9']);
const ADDRESSES = {
  '198.51.100.1': 'allow rule',
  '192.168.1.5': 'allow rule',
  '192.168.1.6': 'deny private-address',
  '100.64.0.1': 'deny private-address',
  '64:ff9b::101:101': 'deny private-address',
  '127.0.0.1': 'deny never-class',
  '::ffff:127.0.0.1': 'deny never-class',
  '198.51.100.9': 'deny never-class',
  '::ffff:198.51.100.9': 'deny never-class',
  '::FFFF:c633:6409': 'deny never-class',
  'not an address': 'deny never-class',
};

for (const [address, expected] of Object.entries(ADDRESSES)) {
  test(`decideAddress: ${address} -> ${expected}`, () => {
    const { allowed, reason } = decideAddress(policy(), address, 443, { client: 'x', nowMs: 0, own });
    assert.equal(`${allowed ? 'allow' : 'deny'} ${reason}`, expected);
  });
}

test('decideAddress: a deny rule for the address of an allowed name -> denied', () => {
  const denying = policy({ deny: [rule('198.51.100.1')] });
  for (const address of ['198.51.100.1', '::ffff:198.51.100.1', '0:0:0:0:0:ffff:c633:6401'])
    assert.equal(decideAddress(denying, address, 443, { client: 'x', nowMs: 0, own }).reason, 'deny-rule');
});

test('nextExpiry: several timed rules -> the earliest that is still to come', () => {
  const timed = policy({
    allow: [rule('a.example', { until: 10 }), rule('b.example', { until: 30 })],
    deny: [rule('c.example', { until: 20 })],
  });
  assert.deepEqual([nextExpiry(timed, 0), nextExpiry(timed, 10), nextExpiry(timed, 30)], [10, 20, undefined]);
});
