import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS, DEFAULT_TRAIL, parseSettings } from './settings.ts';

const GOOD = {
  version: 1,
  listeners: [
    { fd: 4, kind: 'control' },
    { fd: 5, kind: 'egress', client: 'gateway-main' },
  ],
  policyFile: '/p',
  overridesFile: '/o',
  trail: { folder: '/t' },
};

test('parseSettings: the shortest good file -> every default', () => {
  assert.deepEqual(parseSettings(JSON.stringify(GOOD)), {
    ...GOOD,
    trail: { folder: '/t', ...DEFAULT_TRAIL },
    audit: 'best-effort',
    limits: DEFAULT_LIMITS,
  });
});

test('parseSettings: limits -> only those named change', () => {
  const settings = parseSettings(JSON.stringify({ ...GOOD, limits: { idleMs: 5 }, audit: 'required' }));
  assert.ok(!('invalid' in settings));
  assert.deepEqual([settings.limits, settings.audit], [{ ...DEFAULT_LIMITS, idleMs: 5 }, 'required']);
});

const BROKEN: readonly (readonly [string, object, RegExp])[] = [
  ['an unknown key', { ...GOOD, limit: 1 }, /unknown key "limit"/],
  ['an unknown limit', { ...GOOD, limits: { idle: 1 } }, /unknown key "limits\.idle"/],
  ['a limit of zero', { ...GOOD, limits: { idleMs: 0 } }, /limits\.idleMs/],
  ['a limit beyond the timer', { ...GOOD, limits: { idleMs: 2 ** 31 } }, /limits\.idleMs/],
  ['no listeners', { ...GOOD, listeners: [] }, /listeners/],
  ['a listener on a standard descriptor', { ...GOOD, listeners: [{ fd: 1, kind: 'control' }] }, /descriptor/],
  ['an egress listener without a client', { ...GOOD, listeners: [{ fd: 5, kind: 'egress' }] }, /neither control nor/],
  ['a trail of one file', { ...GOOD, trail: { folder: '/t', files: 1 } }, /trail\.files/],
  ['another version', { ...GOOD, version: 2 }, /version/],
  ['another audit', { ...GOOD, audit: 'off' }, /audit/],
  ['dns as a text', { ...GOOD, dns: '1.1.1.1' }, /dns/],
];

for (const [situation, value, message] of BROKEN) {
  test(`parseSettings: ${situation} -> invalid`, () => {
    const settings = parseSettings(JSON.stringify(value));
    assert.ok('invalid' in settings);
    assert.match(settings.invalid, message);
  });
}
