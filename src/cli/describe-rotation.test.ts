import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rotated } from '../converge/rotate/rotate.ts';
import { describeFinished, describeOutlook, describeRotated } from './describe-rotation.ts';

const IO = { out: () => undefined, talk: () => undefined, colour: false, live: false };
const TOKEN = { kind: 'gateway-token', name: 'main' } as const;
const PASS = {
  checkId: 'rotate.gateway-token',
  severity: 'critical',
  status: 'pass',
  subject: 'gateway-main',
  message: 'refused',
} as const;
const GOOD: Rotated = {
  subject: TOKEN,
  findings: [PASS],
  outages: [{ service: 'gateway-main', host: 'here', ms: 9800 }],
  wholeMs: 14_000,
  away: [],
};

test('describeOutlook: -> what will be started anew', () => {
  assert.equal(
    describeOutlook({ subject: TOKEN, restarts: ['gateway-main'], isResumed: false }),
    'the token of gateway main will be replaced; started anew: gateway-main\n',
  );
});

test('describeRotated: proven -> so, and for how long what was away', () => {
  assert.equal(
    describeRotated(IO, GOOD),
    [
      'the token of gateway main is replaced',
      '  pass   rotate.gateway-token   gateway-main   refused',
      '  gateway-main was away for 9.8 s; after 14 s everything was back',
      '',
    ].join('\n'),
  );
});

test('describeRotated: not proven -> that the old one is kept, and how to go on', () => {
  const open = { ...PASS, status: 'unknown', message: 'not tried', fix: 'lobsterpot rotate gateway-token main' } as const;
  const text = describeRotated(IO, { ...GOOD, findings: [open], away: ['nas'] });
  assert.match(text, /^the token of gateway main is not proven to be replaced\n/);
  assert.match(
    text,
    /after 14 s not back: nas\n {2}the old one is kept until it is proven; to go on: lobsterpot rotate gateway-token main\n$/,
  );
});

test('describeRotated: a secret -> where else it must be taken back', () => {
  assert.match(describeRotated(IO, { ...GOOD, subject: { kind: 'secret', name: 'key' } }), /revoke it there\n$/);
});

test('describeFinished: -> a note, and what was proven', () => {
  assert.equal(
    describeFinished({ subject: TOKEN, findings: [PASS], note: 'that is finished now' }),
    '  note: that is finished now\n  pass   rotate.gateway-token   gateway-main   refused\n',
  );
});
