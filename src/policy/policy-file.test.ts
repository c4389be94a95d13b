import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  NO_OVERRIDES,
  addOverride,
  type OverrideRule,
  parseOverrides,
  removeOverride,
  renderOverrides,
  withOverrides,
} from './overrides.ts';
import type { EgressPolicy } from './policy.ts';
import { parsePolicy, policyDigest, renderPolicy } from './policy-file.ts';

const POLICY: EgressPolicy = {
  version: 1,
  deployment: 'home',
  mode: 'enforce',
  allow: [{ host: '*.example.com', port: 443, client: 'gateway-main', until: 5, source: 'lobsterpot.yaml' }],
  deny: [{ host: '2001:db8::1', port: 80, source: 'lobsterpot.yaml' }],
};

test('parsePolicy: what renderPolicy wrote -> the same policy and digest', () => {
  const read = parsePolicy(renderPolicy(POLICY));
  assert.deepEqual(read, POLICY);
  assert.ok(!('invalid' in read));
  assert.equal(policyDigest(read), policyDigest(POLICY));
});

const rule = { host: 'a.example', port: 443, source: 's' };
const BROKEN: readonly (readonly [string, unknown, RegExp])[] = [
  ['a list', [], /not a JSON object/],
  ['another version', { ...POLICY, version: 2 }, /version/],
  ['another mode', { ...POLICY, mode: 'open' }, /mode/],
  ['an unknown key', { ...POLICY, extra: 1 }, /unknown key "extra"/],
  ['no deny list', { ...POLICY, deny: undefined }, /deny is not a list/],
  ['a rule with an unknown key', { ...POLICY, allow: [{ ...rule, hots: 1 }] }, /allow\[0\]: unknown key "hots"/],
  ['a host in upper case', { ...POLICY, allow: [{ ...rule, host: 'A.example' }] }, /normalised/],
  ['a star over everything', { ...POLICY, allow: [{ ...rule, host: '*' }] }, /normalised/],
  ['a star over one label', { ...POLICY, allow: [{ ...rule, host: '*.com' }] }, /normalised/],
  ['a star over an address', { ...POLICY, allow: [{ ...rule, host: '*.1.2.3.4' }] }, /normalised/],
  ['a port as text', { ...POLICY, allow: [{ ...rule, port: '443' }] }, /port/],
  ['an empty client', { ...POLICY, allow: [{ ...rule, client: '' }] }, /client/],
  ['a time as text', { ...POLICY, allow: [{ ...rule, until: 'tomorrow' }] }, /until/],
  ['no source', { ...POLICY, allow: [{ host: 'a.example', port: 443 }] }, /source/],
];

for (const [situation, value, message] of BROKEN) {
  test(`parsePolicy: ${situation} -> invalid`, () => {
    const read = parsePolicy(JSON.stringify(value));
    assert.ok('invalid' in read);
    assert.match(read.invalid, message);
  });
}

test('parsePolicy, parseOverrides: any text or JSON -> a value or why not, never an exception', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      parsePolicy(text);
      parseOverrides(text);
    }),
  );
});

const override = (verdict: 'allow' | 'deny', host: string, until?: number): OverrideRule => ({
  verdict,
  host,
  port: 443,
  by: 'ann',
  atMs: 0,
  ...(until === undefined ? {} : { until }),
});

test('withOverrides: operator rules -> stand first, named, and end by themselves', () => {
  const overrides = addOverride(addOverride(NO_OVERRIDES, override('allow', 'a.example', 100), 0), override('deny', 'b.example'), 0);
  const now = withOverrides(POLICY, overrides, 99);
  assert.deepEqual(now.allow[0], { host: 'a.example', port: 443, until: 100, source: 'operator ann 1970-01-01' });
  assert.equal(now.deny[0]?.host, 'b.example');
  assert.deepEqual(withOverrides(POLICY, overrides, 100).allow, POLICY.allow);
});

test('addOverride: the opposite for the same place -> replaces it, ended ones go', () => {
  const old = addOverride(addOverride(NO_OVERRIDES, override('allow', 'old.example', 5), 0), override('deny', 'a.example'), 0);
  const now = addOverride(old, override('allow', 'a.example'), 10);
  assert.deepEqual(now.rules, [override('allow', 'a.example')]);
  assert.deepEqual(removeOverride(now, { host: 'a.example', port: 443 }, 10).rules, []);
});

test('parseOverrides: what renderOverrides wrote -> the same; a fault -> named', () => {
  const overrides = addOverride(NO_OVERRIDES, override('deny', 'a.example', 7), 0);
  assert.deepEqual(parseOverrides(renderOverrides(overrides)), overrides);
  for (const wrong of [
    { ...override('deny', 'A.example') },
    { ...override('deny', 'a.example'), by: '' },
    { ...override('deny', 'a.example'), verdict: 'x' },
    { ...override('deny', 'a.example'), atMs: 9e15 },
  ]) {
    assert.ok('invalid' in parseOverrides(JSON.stringify({ version: 1, rules: [wrong] })));
  }
});
