import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeAllowed, judgeRefused } from './exec-checks.ts';
import { execTrials } from './exec-trials.ts';
import type { Trial } from './exec-trials.ts';

const UNAME = { path: '/usr/bin/uname', args: '^-n$' };

describe('execTrials', () => {
  const cases = [
    { name: 'a harmless rule', rules: [UNAME], allowed: ['/usr/bin/uname -n'] },
    { name: 'no rule', rules: [], allowed: [] },
    { name: 'a program that does something is never started', rules: [{ path: '/usr/bin/rsync', args: '^-a /a/ /b/$' }], allowed: [] },
    { name: 'arguments that are no plain text', rules: [{ path: '/usr/bin/uname', args: '^-[anr]+$' }], allowed: [] },
    { name: 'any arguments', rules: [{ path: '/usr/bin/uname' }], allowed: ['/usr/bin/uname'] },
  ];
  for (const { name, rules, allowed } of cases) {
    test(`${name} -> tried as allowed: ${allowed.join(', ') || 'nothing'}`, () => {
      const trials = execTrials(rules);
      assert.deepEqual(
        trials.filter((one) => one.allowed).map(({ command }) => command.join(' ')),
        allowed,
      );
      assert.ok(trials.filter((one) => !one.allowed).length >= 5);
    });
  }

  test('what a rule allows is not expected to be refused', () => {
    const trials = execTrials([{ path: '/usr/bin/id' }, { path: '/usr/bin/uname' }]);
    assert.ok(!trials.some(({ allowed, command }) => !allowed && ['/usr/bin/id', '/usr/bin/uname'].includes(command[0] ?? '')));
  });
});

describe('judging what came of the trials', () => {
  const yes: Trial = { name: 'an allowed command', command: ['/usr/bin/uname', '-n'], allowed: true };
  const no: Trial = { name: 'a shell', command: ['/bin/sh', '-c', '/usr/bin/id'], allowed: false };
  const outcome = (trial: Trial, ran: boolean | undefined) => ({ trial, ran, detail: '' });
  const cases = [
    { name: 'as it should be', outcomes: [outcome(yes, true), outcome(no, false)], isThere: true, allowed: 'pass', refused: 'pass' },
    { name: 'the shell ran', outcomes: [outcome(yes, true), outcome(no, true)], isThere: true, allowed: 'pass', refused: 'fail' },
    {
      name: 'the allowed one was refused',
      outcomes: [outcome(yes, false), outcome(no, false)],
      isThere: true,
      allowed: 'fail',
      refused: 'pass',
    },
    {
      name: 'the node is away',
      outcomes: [outcome(yes, undefined), outcome(no, undefined)],
      isThere: false,
      allowed: 'unknown',
      refused: 'unknown',
    },
    {
      name: 'everything refused by somebody who is not the node',
      outcomes: [outcome(no, false)],
      isThere: false,
      allowed: 'unknown',
      refused: 'unknown',
    },
    {
      name: 'nothing harmless is allowed, and the node answers',
      outcomes: [outcome(no, false)],
      isThere: true,
      allowed: 'pass',
      refused: 'pass',
    },
  ];
  for (const { name, outcomes, isThere, allowed, refused } of cases) {
    test(`${name} -> allowed ${allowed}, refused ${refused}`, () => {
      assert.equal(judgeAllowed(outcomes, isThere).status, allowed);
      assert.equal(judgeRefused(outcomes, isThere).status, refused);
    });
  }
});
