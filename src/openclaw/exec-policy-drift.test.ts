import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execPolicyDrift } from './exec-policy-drift.ts';

const RULES = [{ path: '/usr/bin/uname', args: '^-n$' }, { path: '/usr/bin/id' }];
const DEFAULTS = { security: 'allowlist', ask: 'off', askFallback: 'deny', autoAllowSkills: false };
const LIST = [
  { pattern: '/usr/bin/id', id: 'b', lastUsedAt: 1 },
  { pattern: '/usr/bin/uname', argPattern: '^-n$', id: 'a' },
];
const document = (change: object): unknown => ({
  version: 1,
  socket: { path: '/state/x.sock' },
  defaults: DEFAULTS,
  agents: { '*': { allowlist: LIST } },
  ...change,
});

const CASES: readonly (readonly [string, unknown, RegExp | undefined])[] = [
  ['the same with ids, times and another order', document({}), undefined],
  ['none at all', undefined, /full access/],
  ['full access by default', document({ defaults: { ...DEFAULTS, security: 'full' } }), /defaults/],
  ['asking instead of denying', document({ defaults: { ...DEFAULTS, ask: 'on-miss' } }), /defaults/],
  ['skills allowed', document({ defaults: { ...DEFAULTS, autoAllowSkills: true } }), /defaults/],
  ['a missing default', document({ defaults: { security: 'allowlist' } }), /defaults/],
  ['one entry more', document({ agents: { '*': { allowlist: [...LIST, { pattern: '/bin/sh' }] } } }), /allow-list/],
  ['one entry less', document({ agents: { '*': { allowlist: LIST.slice(1) } } }), /allow-list/],
  ['arguments freed', document({ agents: { '*': { allowlist: [LIST[0], { pattern: '/usr/bin/uname' }] } } }), /allow-list/],
  ['a section that overrides the defaults', document({ agents: { '*': { allowlist: LIST, security: 'full' } } }), /allow-list/],
  ['another agent', document({ agents: { '*': { allowlist: LIST }, main: {} } }), /agent "main"/],
  ['a tool of an MCP server', document({ agents: { '*': { allowlist: LIST, mcpTools: [{ server: 'a', tool: 'b' }] } } }), /allow-list/],
  ['an unknown default', document({ defaults: { ...DEFAULTS, extra: true } }), /known form/],
  ['another form', { version: 2 }, /known form/],
  ['no object', 'x', /known form/],
];

for (const [what, given, expected] of CASES) {
  test(`execPolicyDrift: ${what} -> ${expected ? 'drift' : 'none'}`, () => {
    const drift = execPolicyDrift(given, RULES);
    if (expected) assert.match(drift ?? '', expected);
    else assert.equal(drift, undefined);
  });
}
