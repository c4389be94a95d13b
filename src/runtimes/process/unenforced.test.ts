import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { unenforced, type HostLimits } from './unenforced.ts';

const GOOD: HostLimits = { containment: 'full', chain: { ok: true, mode: 'root' }, groups: { memory: true, pids: true }, asRoot: true };
const FAILURE = { step: 'namespaces', cause: 'refused', fix: 'allow them' };

suite('unenforced', () => {
  const cases: ReadonlyArray<readonly [string, HostLimits, readonly string[]]> = [
    ['root with everything', GOOD, ['host.disk-limit']],
    [
      'root without user namespaces',
      { ...GOOD, chain: { ok: true, mode: 'plain', reduced: FAILURE } },
      ['host.user-namespace', 'host.disk-limit'],
    ],
    [
      'root without control groups',
      { ...GOOD, groups: { memory: false, pids: false } },
      ['host.memory-limit', 'host.process-limit', 'host.disk-limit'],
    ],
    [
      'an ordinary user',
      { containment: 'full', chain: { ok: true, mode: 'user' }, groups: { memory: false, pids: false }, asRoot: false },
      ['host.memory-limit', 'host.process-limit', 'host.identity', 'host.disk-limit'],
    ],
    ['a host that cannot contain', { ...GOOD, chain: { ok: false, ...FAILURE } }, ['host.containment']],
    [
      'containment: none',
      { ...GOOD, containment: 'none' },
      ['host.containment', 'host.syscall-filter', 'host.memory-limit', 'host.process-limit'],
    ],
  ];
  for (const [name, host, expected] of cases) {
    test(`${name} -> ${expected.join(', ')}`, () => {
      const findings = unenforced(host);
      assert.deepEqual(
        findings.map((one) => one.checkId),
        expected,
      );
      assert.ok(findings.every((one) => one.status === 'not-enforced' && one.fix));
      if (expected.includes('host.containment')) assert.equal(findings[0]?.severity, 'critical');
    });
  }
});
