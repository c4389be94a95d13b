import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from '../../core/finding.ts';
import { countFindings, isGreen, worstFirst } from './summary.ts';
import { textReport } from './text-report.ts';

const finding = (status: Finding['status'], checkId: string, more: Partial<Finding> = {}): Finding => ({
  checkId,
  severity: 'high',
  status,
  subject: 'node-nas',
  message: 'what was seen',
  ...more,
});
const FINDINGS = [
  finding('pass', 'a.one'),
  finding('unknown', 'b.two'),
  finding('fail', 'c.three', { severity: 'low', fix: 'lobsterpot up' }),
  finding('fail', 'd.four', { severity: 'critical', fix: 'lobsterpot up' }),
  finding('not-enforced', 'e.five'),
];

test('countFindings: each status -> its number', () => {
  assert.deepEqual(countFindings(FINDINGS), { pass: 1, fail: 2, unknown: 1, notEnforced: 1, total: 5 });
});

test('isGreen: unknown or nothing at all -> never', () => {
  assert.equal(isGreen([finding('pass', 'a')]), true);
  assert.equal(isGreen([finding('pass', 'a'), finding('not-enforced', 'b')]), true);
  assert.equal(isGreen([finding('pass', 'a'), finding('unknown', 'b')]), false);
  assert.equal(isGreen([finding('pass', 'a'), finding('fail', 'b')]), false);
  assert.equal(isGreen([]), false);
});

test('worstFirst: by status, then severity', () => {
  assert.deepEqual(
    worstFirst(FINDINGS).map(({ checkId }) => checkId),
    ['d.four', 'c.three', 'b.two', 'e.five', 'a.one'],
  );
});

test('textReport: what is wrong with its fix, then the counts', () => {
  assert.equal(
    textReport(FINDINGS, { ms: 4200 }),
    [
      'FAIL  d.four   node-nas  what was seen',
      '      fix  lobsterpot up',
      'FAIL  c.three  node-nas  what was seen',
      '      fix  lobsterpot up',
      'UNKN  b.two    node-nas  what was seen',
      'gap   e.five   node-nas  what was seen',
      '',
      'pass 1 · fail 2 · unknown 1 · not enforced 1          4.2 s',
      '',
    ].join('\n'),
  );
  assert.match(textReport(FINDINGS, { ms: 1, all: true }), /^pass {2}a\.one/m);
});
