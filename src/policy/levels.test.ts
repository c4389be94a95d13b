import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from './decide.ts';
import { LEVELS, LEVELS_DATE, levelHosts, levelMode, type Level } from './levels.ts';
import type { EgressPolicy } from './policy.ts';
import { parseRule } from './rule.ts';

const policyAt = (level: Level): EgressPolicy => ({
  version: 1,
  deployment: 'home',
  mode: levelMode(level, 'enforce'),
  allow: levelHosts(level).map((host) => ({ host, port: 443, source: `level ${level}` })),
  deny: [],
});

const TARGETS: readonly (readonly [host: string, kind: 'name' | 'address', locked: boolean, balanced: boolean, open: boolean])[] = [
  ['en.wikipedia.org', 'name', false, true, true],
  ['upload.wikipedia.org', 'name', false, false, true],
  ['evil.test', 'name', false, false, true],
  ['203.0.113.7', 'address', false, false, true],
  ['127.0.0.1', 'address', false, false, false],
  ['169.254.169.254', 'address', false, false, false],
  ['localhost', 'name', false, false, false],
];
for (const [host, kind, ...expected] of TARGETS) {
  test(`levelHosts, levelMode: ${host} -> ${LEVELS.filter((_level, index) => expected[index]).join(', ') || 'at no level'}`, () => {
    assert.deepEqual(
      LEVELS.map((level) => decide(policyAt(level), { host, port: 443, kind }, 'node-nas', 0).allowed),
      expected,
    );
  });
}

test('levelMode: open, and a rule that denies -> denied', () => {
  const policy = { ...policyAt('open'), deny: [{ host: 'evil.test', port: 443, source: 'test' }] };
  const { allowed, reason } = decide(policy, { host: 'evil.test', port: 443, kind: 'name' }, 'node-nas', 0);
  assert.deepEqual([allowed, reason], [false, 'deny-rule']);
});

test('levelHosts: every host is a rule that a file may have, each once, and has a date', () => {
  for (const level of LEVELS) {
    const hosts = levelHosts(level);
    assert.equal(new Set(hosts).size, hosts.length);
    for (const host of hosts) assert.deepEqual(parseRule(host), { host, port: 443 });
  }
  assert.match(LEVELS_DATE, /^\d{4}-\d\d-\d\d$/);
});
