import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Status } from '../converge/status.ts';
import { EXIT } from '../core/exit-code.ts';
import { Problem, Problems } from '../core/problem.ts';
import { describePlan } from './describe-plan.ts';
import { describeStatus, isWell } from './describe-status.ts';
import { reportFailure } from './failure.ts';
import { table, type Io } from './io.ts';
import { headline } from './summary.ts';

function fakeIo(): Io & { readonly said: { out: string; talk: string } } {
  const said = { out: '', talk: '' };
  return { said, colour: false, live: false, out: (text) => void (said.out += text), talk: (text) => void (said.talk += text) };
}

void test('describePlan: nothing, one change, several', () => {
  assert.equal(describePlan({ changes: [], widened: [] }), 'nothing to do: everything is as the file says\n');
  const start = { kind: 'start-service', host: 'here', service: 'gate', reason: 'its files changed', running: true } as const;
  const install = { kind: 'install-runtime', host: 'here', version: '2026.9.6' } as const;
  assert.match(
    describePlan({ changes: [install], widened: [] }),
    /^here\n {2}\+ openclaw {3}install 2026\.9\.6\n1 change on 1 host\. apply: lobsterpot up\n$/,
  );
  assert.match(
    describePlan({ changes: [install, start], widened: [] }),
    /! gate {3}restart \(its files changed\) +restart\n2 changes on 1 host/,
  );
  assert.match(
    describePlan({ changes: [start], widened: ['egress to a.test:443'] }),
    /opens what was closed.*\n {2}> egress to a\.test:443\n/,
  );
});

void test('reportFailure: a Problem -> three lines on stderr, its exit code; with --json one document on stdout', () => {
  const problem = new Problem('hosts/ssh-auth', 'host nas refused the key', {
    cause: 'Permission denied',
    fix: 'ssh-copy-id nas',
    exit: EXIT.unreachable,
  });
  const io = fakeIo();
  assert.equal(reportFailure(io, problem, false), EXIT.unreachable);
  assert.equal(
    io.said.talk,
    'lobsterpot: error: host nas refused the key (hosts/ssh-auth)\n  cause: Permission denied\n  fix:   ssh-copy-id nas\n',
  );
  assert.equal(io.said.out, '');
  const json = fakeIo();
  reportFailure(json, new Problems([problem, problem]), true);
  assert.equal(JSON.parse(json.said.out).problems.length, 2);
});

void test('reportFailure: anything else -> a bug, exit 70; escape sequences from outside never reach the terminal', () => {
  const io = fakeIo();
  assert.equal(reportFailure(io, new Error('\u001b]0;owned\u0007'), false), EXIT.bug);
  assert.match(io.said.talk, /^lobsterpot: bug: /);
  assert.ok(!io.said.talk.includes('\u001b'));
});

void test('describeStatus: a stranger, a dead service and what waits for a secret are told; the first two are not well', () => {
  const status: Status = {
    services: [
      { name: 'gate', host: 'here', state: 'healthy', sinceMs: Date.now() - 5000 },
      { name: 'gateway-main', host: 'here', state: 'backing-off', lastError: 'boom\u001b[31m' },
    ],
    nodes: [{ name: 'nas', gateway: 'main', state: 'connected', deviceId: 'ab'.repeat(32) }],
    unreachable: [{ host: 'nas', message: 'host nas did not answer\u001b', cause: 'no answer', fix: 'is it on?' }],
    strangers: [{ id: 'cd'.repeat(32), standing: 'asking', displayName: 'evil\u001b', gateway: 'main' }],
    waiting: [{ gateway: 'main', part: 'telegram', secret: 'telegram_bot_token' }],
  };
  const text = describeStatus(fakeIo(), 'home', status, []);
  assert.match(text, /gateway-main +backing-off/);
  assert.match(text, /nas could not be looked at: host nas did not answer/);
  assert.match(text, /not in the file\n {2}cdcdcdcd\.\.cdcd +asks to be let in, and is not/);
  assert.match(
    text,
    /waits for a secret\n {2}gateway main +telegram +npx lobsterpot secrets set telegram_bot_token {3}then: npx lobsterpot up\n/,
  );
  assert.ok(!text.includes('\u001b'));
  assert.equal(isWell(status), false);
  assert.equal(
    isWell({
      services: [{ name: 'gate', host: 'here', state: 'healthy' }],
      nodes: [],
      unreachable: [],
      strangers: [],
      waiting: status.waiting,
    }),
    true,
  );
});

void test('table: columns are as wide as their widest cell, without spaces at the end of a line', () => {
  assert.equal(
    table([
      ['a', 'b', ''],
      ['ccc', 'd', 'e'],
    ]),
    '  a     b\n  ccc   d   e\n',
  );
});

void test('headline: one and several', () => {
  const one = {
    name: 'home',
    openclaw: '1',
    image: 'image',
    hosts: [],
    gateways: [],
    nodes: [],
    egress: { version: 1, deployment: 'home', mode: 'enforce', allow: [], deny: [] },
    warnings: [],
  } as const;
  assert.equal(headline(one), 'home · 0 hosts, 0 gateways, 0 node hosts');
});
