import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExecRule } from './exec-policy.ts';
import { riskOf } from './exec-risk.ts';

const CASES: readonly (readonly [ExecRule, RegExp | undefined])[] = [
  [{ path: '/usr/bin/uname' }, undefined],
  [{ path: '/usr/bin/find' }, /runs other programs/],
  [{ path: '/bin/tar' }, /runs other programs/],
  [{ path: '/usr/bin/rsync' }, /runs other programs/],
  [{ path: '/bin/sh' }, /runs any code/],
  [{ path: '/usr/bin/env' }, /runs other programs/],
  [{ path: '/usr/bin/python3.11' }, /runs any code/],
  [{ path: '/usr/bin/perl5.36.0' }, /runs any code/],
  [{ path: '/usr/bin/tee' }, /writes files/],
  [{ path: '/usr/bin/curl' }, /reaches the network/],
  [{ path: '/usr/bin/sudo' }, /rights/],
  [{ path: '/usr/bin/uname', args: '^-n$' }, undefined],
  [{ path: '/usr/bin/uname', args: '' }, undefined],
  [{ path: '/usr/bin/uname', args: '-n' }, /not tied/],
  [{ path: '/usr/bin/uname', args: '^-n' }, /not tied/],
  [{ path: '/usr/bin/uname', args: '^-n\\$' }, /not tied/],
  [{ path: '/usr/bin/uname', args: '^-n|-a$' }, /not tied/],
  [{ path: '/usr/bin/uname', args: '^(-n|-a)$' }, undefined],
  [{ path: '/usr/bin/uname', args: '^[|]$' }, undefined],
  [{ path: '/usr/bin/uname', args: '^\\|$' }, undefined],
  [{ path: '/usr/bin/rsync', args: 'photos' }, /not tied.*runs other programs/],
];

for (const [rule, expected] of CASES) {
  test(`riskOf: ${JSON.stringify(rule)} -> ${expected ? expected.source : 'nothing'}`, () => {
    const risk = riskOf(rule);
    if (expected) assert.match(risk?.message ?? '', expected);
    else assert.equal(risk, undefined);
  });
}
