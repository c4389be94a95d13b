import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { backoffMs, countFailure, GOOD_AFTER_MS } from './backoff.ts';
import { describeExit } from './describe-exit.ts';

suite('backoff', () => {
  test('failures in a row -> 1 s, doubled, at most a minute', () => {
    assert.deepEqual([1, 2, 3, 4, 5, 6, 7, 8, 1000].map(backoffMs), [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  const cases: ReadonlyArray<readonly [string, number, number | undefined, number]> = [
    ['the first', 0, undefined, 1],
    ['never healthy', 4, undefined, 5],
    ['healthy too briefly', 4, GOOD_AFTER_MS - 1, 5],
    ['a good run', 4, GOOD_AFTER_MS, 1],
  ];
  for (const [name, before, healthyFor, expected] of cases) {
    test(`countFailure: ${name} -> ${expected}`, () => assert.equal(countFailure(before, healthyFor), expected));
  }
});

suite('describeExit', () => {
  const cases: ReadonlyArray<readonly [Parameters<typeof describeExit>[0], string]> = [
    [{ code: 7, signal: undefined }, 'it ended with exit code 7'],
    [{ code: 0, signal: undefined }, 'it ended with exit code 0'],
    [{ code: 125, signal: undefined }, 'its sandbox could not be set up'],
    [{ code: 139, signal: undefined }, 'it was ended by SIGSEGV'],
    [{ code: 137, signal: undefined }, 'it was killed (SIGKILL), perhaps because it reached its memory limit'],
    [{ code: undefined, signal: 'SIGTERM' }, 'it was ended by SIGTERM'],
    [{ code: undefined, signal: undefined, error: 'spawn setpriv ENOENT' }, 'it could not be started: spawn setpriv ENOENT'],
  ];
  for (const [exit, words] of cases) test(`${JSON.stringify(exit)} -> ${words}`, () => assert.equal(describeExit(exit), words));
});
