import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { EgressPolicy, Rule } from '../policy/policy.ts';
import { squidConf } from './squid-conf.ts';
import type { SquidSettings } from './squid-settings.ts';

const rule = (host: string, more: Partial<Rule> = {}): Rule => ({ host, port: 443, source: 'lobsterpot.yaml', ...more });
const policy: EgressPolicy = {
  version: 1,
  deployment: 'home',
  mode: 'enforce',
  allow: [
    rule('api.example.com'),
    rule('api.example.com', { port: 8443 }),
    rule('*.wide.example.com'),
    rule('192.168.1.5'),
    rule('2001:db8::5'),
    rule('plain.example.com', { port: 80 }),
    rule('one.example.com', { client: 'gateway-main' }),
    rule('timed.example.com', { until: 1000 }),
  ],
  deny: [rule('bad.wide.example.com'), rule('198.51.100.66'), rule('other.example.com', { client: 'node-nas' })],
};
const settings: SquidSettings = {
  clients: [
    { client: 'gateway-main', port: 19_101 },
    { client: 'node-nas', port: 19_102 },
  ],
  healthPort: 19_001,
  logPort: 19_002,
  own: ['10.87.16.2'],
  pages: '/run/lobsterpot/pages',
};
const hop = { port: 19_003, certificateFile: '/run/lobsterpot/hop.pem', sameNameFile: '/run/lobsterpot/same-name.sh' };
const golden = (name: string): string => join(import.meta.dirname, 'testing/golden', name);
const AS_TEXT = { serializers: [String] };

test('squidConf: without a second hop -> plain.conf', (t) => {
  t.assert.fileSnapshot(squidConf(policy, settings, 500), golden('plain.conf'), AS_TEXT);
});

test('squidConf: with a second hop -> two-hops.conf', (t) => {
  t.assert.fileSnapshot(squidConf(policy, { ...settings, hop, dns: ['198.51.100.53'] }, 500), golden('two-hops.conf'), AS_TEXT);
});

test('squidConf: report mode -> all but the closed classes and what a rule denies passes, and no second hop', (t) => {
  t.assert.fileSnapshot(squidConf({ ...policy, mode: 'report' }, { ...settings, hop }, 500), golden('report.conf'), AS_TEXT);
});

test('squidConf: a rule that has ended -> is not in it', () => {
  assert.match(squidConf(policy, settings, 999), /timed\.example\.com/);
  assert.doesNotMatch(squidConf(policy, settings, 1000), /timed\.example\.com/);
});

test('squidConf: the rules of one client -> stand at its port alone', () => {
  const text = squidConf(policy, settings, 0);
  const sections = text.split('\n# ').slice(-2);
  assert.deepEqual(
    ['one.example.com', 'other.example.com'].map((host) => sections.map((one) => one.includes(host))),
    [
      [true, false],
      [false, true],
    ],
  );
});

test('squidConf: nothing is allowed -> no line allows', () => {
  assert.doesNotMatch(squidConf({ ...policy, allow: [] }, settings, 0), /http_access allow/);
});

test('squidConf: any policy -> names are judged before addresses, and everything ends in a denial', () => {
  const host = fc.constantFrom('a.example', '*.b.example', '10.0.0.1', '2001:db8::1', 'c.d.example');
  const anyRule = fc.record({ host, port: fc.constantFrom(443, 80, 22), source: fc.constant('p') });
  fc.assert(
    fc.property(fc.array(anyRule, { maxLength: 5 }), fc.array(anyRule, { maxLength: 3 }), fc.boolean(), (allow, deny, hasHop) => {
      const lines = squidConf({ ...policy, allow, deny }, hasHop ? { ...settings, hop } : settings, 0).split('\n');
      assert.equal(lines.filter((line) => line !== '' && !line.startsWith('ssl_bump')).at(-1), 'http_access deny all');
      for (const line of lines.filter((one) => one.startsWith('http_access allow') && !one.includes('at_health'))) {
        assert.match(line, /^http_access allow at_\w+ port_\d+ (?:allow|address)_\w+ !never/);
        assert.ok(line.includes('address_') || line.includes('!private'), line);
      }
    }),
  );
});
