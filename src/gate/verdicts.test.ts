import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, decideAddress } from '../policy/decide.ts';
import type { EgressPolicy, Rule, Target } from '../policy/policy.ts';
import { Verdicts } from './verdicts.ts';

const rule = (host: string, more: Partial<Rule> = {}): Rule => ({ host, port: 443, source: 'test', ...more });
const policyOf = (allow: readonly Rule[], deny: readonly Rule[] = []): EgressPolicy => ({
  version: 1,
  deployment: 'home',
  mode: 'enforce',
  allow,
  deny,
});
const name = (host: string, port = 443): Target => ({ host, port, kind: 'name' });
const NOBODY: ReadonlySet<string> = new Set();

test('Verdicts: a timed rule begins, ends, and comes back with a clock that is set back -> as decide, at each of these moments', () => {
  const policy = policyOf([rule('a.example', { until: 1000 }), rule('b.example')], [rule('c.example', { until: 2000 })]);
  const verdicts = new Verdicts();
  for (const nowMs of [0, 999, 1000, 1999, 2000, 5000, 500, 1500, 0]) {
    for (const host of ['a.example', 'b.example', 'c.example', 'd.example', 'a.example'])
      assert.deepEqual(
        verdicts.ofTarget(policy, name(host), 'nas', nowMs),
        decide(policy, name(host), 'nas', nowMs),
        `${host} at ${nowMs}`,
      );
  }
});

test('Verdicts: another policy, client, port or kind of target -> never the verdict of the other', () => {
  const one = policyOf([rule('a.example'), rule('192.0.2.1'), rule('only.example', { client: 'nas' })]);
  const other = policyOf([rule('a.example', { port: 8443 })]);
  const verdicts = new Verdicts();
  const targets = [
    name('a.example'),
    name('a.example', 8443),
    name('only.example'),
    { host: '192.0.2.1', port: 443, kind: 'address' as const },
  ];
  for (const policy of [one, other, one])
    for (const client of ['nas', 'mac'])
      for (const target of targets) assert.deepEqual(verdicts.ofTarget(policy, target, client, 1), decide(policy, target, client, 1));
});

test('Verdicts: an address that becomes one of the host itself -> refused from then on', () => {
  const policy = policyOf([rule('10.0.0.5')]);
  const verdicts = new Verdicts();
  for (const own of [NOBODY, new Set(['10.0.0.5']), NOBODY])
    for (const address of ['10.0.0.5', '93.184.216.34', '10.0.0.6', '::ffff:10.0.0.5', '10.0.0.5']) {
      const who = { client: 'nas', nowMs: 1, own };
      assert.deepEqual(verdicts.ofAddress(policy, address, 443, who), decideAddress(policy, address, 443, who), `${address} ${own.size}`);
    }
});
