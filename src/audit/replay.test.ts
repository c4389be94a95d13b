import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EgressPolicy } from '../policy/policy.ts';
import { redecide } from './replay.ts';

const total = (
  host: string,
  counts: { readonly allowed?: number; readonly denied?: number; readonly ruled?: number; readonly would?: number },
  client = 'node-nas',
) => ({
  host,
  port: 443,
  client,
  allowed: 0,
  denied: 0,
  ruled: 0,
  would: 0,
  up: 0,
  down: 0,
  firstMs: 1,
  lastMs: 2,
  lastFile: 1,
  lastAt: 0,
  ...counts,
});

const rule = (host: string, more: { readonly client?: string; readonly until?: number } = {}) => ({
  host,
  port: 443,
  source: 'lobsterpot.yaml',
  ...more,
});
const policy = (mode: EgressPolicy['mode'], allow: EgressPolicy['allow'], deny: EgressPolicy['deny'] = []): EgressPolicy => ({
  version: 1,
  deployment: 'home',
  mode,
  allow,
  deny,
});

const CASES: readonly (readonly [
  situation: string,
  policy: EgressPolicy,
  totals: Parameters<typeof redecide>[1],
  expected: readonly string[],
])[] = [
  ['the same rules', policy('enforce', [rule('a.test')]), [total('a.test', { allowed: 3 }), total('b.test', { denied: 2, ruled: 2 })], []],
  ['a rule more', policy('enforce', [rule('a.test')]), [total('a.test', { denied: 3, ruled: 2 })], ['a.test 2 denied allowed rule']],
  ['a rule less', policy('enforce', []), [total('a.test', { allowed: 3 })], ['a.test 3 allowed denied no-rule']],
  [
    'a rule for another client',
    policy('enforce', [rule('a.test', { client: 'gateway-main' })]),
    [total('a.test', { allowed: 3 })],
    ['a.test 3 allowed denied no-rule'],
  ],
  [
    'a rule that has ended',
    policy('enforce', [rule('a.test', { until: 99 })]),
    [total('a.test', { allowed: 1 })],
    ['a.test 1 allowed denied no-rule'],
  ],
  [
    'a denial of what is allowed',
    policy('enforce', [rule('*.test')], [rule('a.test')]),
    [total('a.test', { allowed: 1 })],
    ['a.test 1 allowed denied deny-rule'],
  ],
  ['denied for another reason than the rules', policy('enforce', [rule('a.test')]), [total('a.test', { denied: 4 })], []],
  ['report mode, enforced now', policy('enforce', []), [total('a.test', { allowed: 5, would: 5 })], ['a.test 5 allowed denied no-rule']],
  ['report mode, with the rule now', policy('enforce', [rule('a.test')]), [total('a.test', { allowed: 5, would: 5 })], []],
  [
    'enforced, only reported now',
    policy('report', []),
    [total('a.test', { allowed: 1, denied: 2, ruled: 2 })],
    ['a.test 2 denied reported report-mode', 'a.test 1 allowed reported report-mode'],
  ],
  ['an address that no policy opens', policy('report', []), [total('127.0.0.1', { denied: 1 })], []],
  ['no host at all', policy('report', []), [total('', { denied: 1 })], []],
  [
    'several',
    policy('enforce', [rule('b.test'), rule('c.test')]),
    [total('b.test', { ruled: 1 }), total('a.test', { allowed: 1 }), total('c.test', { ruled: 9 })],
    ['a.test 1 allowed denied no-rule', 'c.test 9 denied allowed rule', 'b.test 1 denied allowed rule'],
  ],
];
for (const [situation, candidate, totals, expected] of CASES) {
  test(`redecide: ${situation} -> ${expected.length} changes`, () => {
    assert.deepEqual(
      redecide(candidate, totals, 100).map(
        ({ host, count, was, becomes, verdict }) => `${host} ${count} ${was} ${becomes} ${verdict.reason}`,
      ),
      expected,
    );
  });
}
