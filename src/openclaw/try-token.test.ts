import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../core/problem.ts';
import { standingOf } from './try-token.ts';

function refused(from: unknown): Problem {
  return new Problem('openclaw/gateway-connect', 'no', { cause: 'as it said', fix: 'none', from });
}

for (const [what, from, state] of [
  ['another token', Object.assign(new Error('x'), { details: { code: 'AUTH_TOKEN_MISMATCH' } }), 'refused'],
  ['too many tries', Object.assign(new Error('x'), { details: { code: 'AUTH_RATE_LIMITED' } }), 'unclear'],
  ['a token that it has none of', Object.assign(new Error('x'), { details: { code: 'AUTH_TOKEN_NOT_CONFIGURED' } }), 'unclear'],
  ['nobody listens', new Error('ECONNREFUSED'), 'unclear'],
  ['details that are no object', Object.assign(new Error('x'), { details: 'AUTH_TOKEN_MISMATCH' }), 'unclear'],
  ['nothing is known', undefined, 'unclear'],
] as const) {
  test(`standingOf: ${what} -> ${state}`, () => {
    assert.deepEqual(standingOf(refused(from)), { state, reason: 'as it said' });
  });
}
