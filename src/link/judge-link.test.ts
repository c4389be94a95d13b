import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RunResult } from '../hosts/host.ts';
import { judgeLink, verdictOf, type LinkVerdict } from './judge-link.ts';
import type { LinkProbeId } from './link-attempts.ts';

const canary = 'c0ffee';
const ended = (code: number, stderr = '', stdout = ''): RunResult => ({ code, signal: undefined, timedOut: false, stdout, stderr });
const late: RunResult = { code: undefined, signal: 'SIGTERM', timedOut: true, stdout: '', stderr: '' };

// Texts of OpenSSH 9.2.
const PROHIBITED = 'channel 0: open failed: administratively prohibited: open failed\nstdio forwarding failed\n';
const NOBODY_THERE = 'channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\n';
const NO_KEY = 'tunnel@127.0.0.1: Permission denied (publickey).\n';
const NO_WAY = 'ssh: connect to host 127.0.0.1 port 22: Connection refused\n';
const OTHER_KEY =
  '@@@@\n@ WARNING @\nHost key for mac has changed and you have requested strict checking.\nHost key verification failed.\n';
const WENT_ON =
  'Keyboard-interactive authentication is disabled to avoid man-in-the-middle attacks.\nError: forwarding disabled due to host key check failure\n';

const VERDICTS: readonly (readonly [LinkProbeId, string, RunResult, LinkVerdict])[] = [
  ['forward', 'an answer', ended(0, '', 'HTTP/1.1 200 OK\r\n\r\n{}'), 'granted'],
  ['forward', 'an answer of something else', ended(0, '', 'SSH-2.0-x\r\n'), 'unclear'],
  ['forward', 'an answer that is an error', ended(0, '', 'HTTP/1.1 503 no\r\n'), 'unclear'],
  ['forward', 'opened, nothing came', ended(0), 'unclear'],
  ['forward', 'refused by the line', ended(255, PROHIBITED), 'refused'],
  ['forward', 'nobody listens', ended(255, NOBODY_THERE), 'unclear'],
  ['elsewhere', 'refused by the line', ended(255, PROHIBITED), 'refused'],
  ['elsewhere', 'nobody listens: it was tried', ended(255, NOBODY_THERE), 'granted'],
  ['elsewhere', 'no such host: it was tried', ended(255, 'channel 0: open failed: unknown channel type: x\n'), 'granted'],
  ['elsewhere', 'a banner came through', ended(255, '', 'SSH-2.0-x\r\n'), 'granted'],
  ['elsewhere', 'opened, nothing came', ended(0), 'granted'],
  ['exec', 'the forced command', ended(1), 'refused'],
  ['exec', 'the forced command is not there', ended(127, 'sh: /bin/false: No such file or directory\n'), 'refused'],
  ['exec', 'it ran', ended(0, '', `${canary}\n`), 'granted'],
  ['exec', 'it ran and failed', ended(1, '', `${canary}\n`), 'granted'],
  ['exec', 'another forced command', ended(0, '', 'hello\n'), 'granted'],
  ['reverse', 'refused by the line', ended(255, 'Error: remote port forwarding failed for listen port 0\n'), 'refused'],
  ['reverse', 'granted', ended(1, 'Allocated port 39215 for remote forward to 127.0.0.1:9\n'), 'granted'],
  ['reverse', 'nothing was said against it', ended(1), 'granted'],
  ['reverse-socket', 'refused by sshd', ended(255, 'Error: remote port forwarding failed for listen path /tmp/x\n'), 'refused'],
  ['reverse-socket', 'granted', ended(1), 'granted'],
  ['host-key', 'another key', ended(255, OTHER_KEY), 'refused'],
  ['host-key', 'another key, and it went on', ended(255, WENT_ON), 'granted'],
  ['host-key', 'it logged in', ended(1), 'granted'],
  ['host-key', 'it logged in to a Mac', ended(127, 'zsh:1: no such file or directory: /bin/false\n'), 'granted'],
];

for (const [id, situation, result, verdict] of VERDICTS) {
  void test(`verdictOf: ${id}: ${situation} -> ${verdict}`, () =>
    assert.equal(verdictOf(id, result, { canary, controlWorked: true, user: 'tunnel' }), verdict));
}

void test('verdictOf: no connection, no login, no time, no ssh -> unclear for every probe', () => {
  for (const id of ['forward', 'exec', 'elsewhere', 'reverse', 'reverse-socket', 'host-key'] as const)
    for (const result of [
      ended(255, NO_KEY),
      ended(255, NO_WAY),
      late,
      ended(127, 'ssh: not found'),
      ended(126),
      ended(255),
      ended(1, 'Error response from daemon: container x is not running\n'),
    ])
      assert.equal(verdictOf(id, result, { canary, controlWorked: false, user: 'tunnel' }), 'unclear', `${id} ${result.stderr}`);
});

const CASES: readonly (readonly [string, LinkProbeId, readonly RunResult[], boolean, string])[] = [
  ['refused, with its control', 'exec', [ended(1)], true, 'pass'],
  ['refused, without its control', 'exec', [ended(1)], false, 'unknown'],
  ['done, with its control', 'exec', [ended(0, '', canary)], true, 'fail'],
  ['done, without its control', 'exec', [ended(0, '', canary)], false, 'fail'],
  ['one of three done', 'elsewhere', [ended(255, PROHIBITED), late, ended(255, NOBODY_THERE)], true, 'fail'],
  ['one of three unclear', 'elsewhere', [ended(255, PROHIBITED), late, ended(255, PROHIBITED)], true, 'unknown'],
  ['all refused', 'elsewhere', [ended(255, PROHIBITED), ended(255, PROHIBITED)], true, 'pass'],
  ['nothing tried', 'elsewhere', [], true, 'unknown'],
  ['a socket, granted', 'reverse-socket', [ended(1)], true, 'not-enforced'],
  ['the gateway answered', 'forward', [ended(0, '', 'HTTP/1.0 200 OK\r\n')], false, 'pass'],
  ['the gateway is down', 'forward', [ended(255, NOBODY_THERE)], false, 'unknown'],
  ['the line says another port', 'forward', [ended(255, PROHIBITED)], false, 'fail'],
];

for (const [situation, id, results, controlWorked, status] of CASES) {
  void test(`judgeLink: ${id}: ${situation} -> ${status}`, () => {
    const tries = results.map((result, at) => ({ name: `try ${at}`, result }));
    const judgement = judgeLink(id, tries, { canary, controlWorked, user: 'tunnel' });
    assert.equal(judgement.status, status);
    assert.equal(judgement.fix === undefined, status === 'pass');
  });
}

void test('judgeLink: hostile words of the far end -> plain, on one line for each try', () => {
  const result = ended(1, 'a\u001B[31mred\r\nlast \u202Eword\n');
  const { evidence } = judgeLink('exec', [{ name: 'a command', result }], { canary, controlWorked: true, user: 'tunnel' });
  assert.equal(evidence.split('\n').length, 1);
  // oxlint-disable-next-line no-control-regex -- that none is left is the point
  assert.doesNotMatch(evidence, /[\u001B\u202E\r]/);
});
