import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { SYNOLOGY, TARGET } from './testing/services.ts';
import { unenforced } from './unenforced.ts';

const ALWAYS = ['host.state-exec', 'host.disk-limit'];

suite('docker unenforced', () => {
  const table: ReadonlyArray<readonly [string, Partial<typeof TARGET.can>, readonly string[]]> = [
    ['everything', {}, []],
    ['no memory limit', { memory: false }, ['host.memory-limit']],
    ['no memory nor swap limit', { memory: false, swap: false }, ['host.memory-limit']],
    ['no swap limit', { swap: false }, ['host.swap-limit']],
    ['no pids', { pids: false }, ['host.process-limit']],
    ['no quota', { cpuQuota: false }, ['host.cpu-limit']],
    ['no seccomp', { seccomp: false }, ['host.syscall-filter']],
    ['what a Synology can', SYNOLOGY.can, ['host.swap-limit', 'host.process-limit', 'host.cpu-limit', 'host.syscall-filter']],
  ];
  for (const [name, can, expected] of table) {
    test(`an engine with ${name} -> ${expected.join(', ') || 'nothing beyond what no engine can'}`, () => {
      const findings = unenforced('nas', { cpus: 4, can: { ...TARGET.can, ...can } });
      assert.deepEqual(
        findings.map((one) => one.checkId),
        [...expected, ...ALWAYS],
      );
      for (const { status, fix, subject } of findings) {
        assert.equal(status, 'not-enforced');
        assert.equal(subject, 'nas');
        assert.ok(fix);
      }
    });
  }

  test('a kernel of 4.4 -> no resolver for services either', () => {
    assert.deepEqual(
      unenforced('nas', SYNOLOGY)
        .map((one) => one.checkId)
        .slice(-3),
      ['host.name-questions', ...ALWAYS],
    );
  });
});
