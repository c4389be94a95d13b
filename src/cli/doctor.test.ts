import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countFindings } from '../checks/report/summary.ts';
import type { Finding } from '../core/finding.ts';
import { describeExamined } from './describe-doctor.ts';
import { exitOf, stopsUp } from './doctor.ts';

const finding = (status: Finding['status'], severity: Finding['severity'], checkId = 'preflight.clock'): Finding => ({
  checkId,
  severity,
  status,
  subject: 'nas',
  message: 'what was seen',
  ...(status === 'pass' ? {} : { fix: 'do this' }),
});

for (const [of, stops, exit] of [
  [finding('pass', 'critical'), false, 0],
  [finding('not-enforced', 'critical'), false, 0],
  [finding('unknown', 'high'), false, 0],
  [finding('unknown', 'critical'), true, 1],
  [finding('fail', 'low'), false, 1],
  [finding('fail', 'high'), true, 1],
  [finding('fail', 'critical', 'preflight.reachable'), true, 4],
] as const) {
  test(`exitOf: ${of.status} of a ${of.severity} check ${of.checkId} -> ${exit}, up ${stops ? 'stops' : 'begins'}`, () => {
    assert.equal(stopsUp(of), stops);
    assert.equal(exitOf([{ host: 'nas', counts: countFindings([of]), findings: [of] }]), exit);
  });
}

test('describeExamined: what is not well with its way out, by host', () => {
  const findings = [finding('pass', 'high'), finding('fail', 'high'), finding('fail', 'low'), finding('not-enforced', 'low')];
  const io = { out: () => undefined, talk: () => undefined, colour: false, live: false };
  assert.equal(
    describeExamined(io, [{ host: 'nas', counts: countFindings(findings), findings }], { ms: 1200, all: false }),
    [
      'nas',
      '  FAIL  preflight.clock  what was seen',
      '        fix  do this',
      '  warn  preflight.clock  what was seen',
      '        fix  do this',
      '  gap   preflight.clock  what was seen',
      '        fix  do this',
      '  pass 1 · fail 2 · unknown 0 · not enforced 1',
      '',
      'up does not begin before this is mended          1.2 s',
      '',
    ].join('\n'),
  );
});
