import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EgressPolicy, Rule } from '../policy/policy.ts';
import { isAsWide } from './is-as-wide.ts';

const rule = (host: string, more: Partial<Rule> = {}): Rule => ({ host, port: 443, source: 'test', ...more });
const of = (allow: readonly Rule[], deny: readonly Rule[] = [], mode: EgressPolicy['mode'] = 'enforce'): EgressPolicy => ({
  version: 1,
  deployment: 'home',
  mode,
  allow,
  deny,
});
const a = rule('a.example');
const b = rule('b.example');
const timed = rule('b.example', { until: 100 });

const CASES: readonly (readonly [
  situation: string,
  before: readonly [EgressPolicy, number],
  after: readonly [EgressPolicy, number],
  is: boolean,
])[] = [
  ['the same', [of([a], [b]), 0], [of([a], [b]), 0], true],
  ['one rule more', [of([a]), 0], [of([a, b]), 0], true],
  ['one rule less', [of([a, b]), 0], [of([a]), 0], false],
  ['another source alone', [of([a]), 0], [of([{ ...a, source: 'operator' }]), 0], true],
  ['for one client alone', [of([a]), 0], [of([{ ...a, client: 'node-nas' }]), 0], false],
  ['another port', [of([a]), 0], [of([{ ...a, port: 8443 }]), 0], false],
  ['a new denial', [of([a]), 0], [of([a], [b]), 0], false],
  ['a denial less', [of([a], [b]), 0], [of([a]), 0], true],
  ['a rule came to its end', [of([timed]), 50], [of([timed]), 100], false],
  ['a rule that had ended before', [of([timed]), 100], [of([timed]), 200], true],
  ['from report to enforce', [of([a], [], 'report'), 0], [of([a]), 0], false],
  ['from enforce to report', [of([a]), 0], [of([a], [], 'report'), 0], true],
];

for (const [situation, before, after, is] of CASES) {
  test(`isAsWide: ${situation} -> ${is}`, () => {
    assert.equal(isAsWide({ policy: before[0], atMs: before[1] }, { policy: after[0], atMs: after[1] }), is);
  });
}
