import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAtLeast, numbersOf } from './version.ts';

for (const [version, least, expected] of [
  ['24.0.2', [20, 10], true],
  ['20.10.24+dfsg1', [20, 10], true],
  ['19.03.15', [20, 10], false],
  ['2.20.1-6047-g6817716', [2, 9], true],
  ['v2.9', [2, 9, 0], true],
  ['2.8.9', [2, 9], false],
  ['4.4.302+', [4, 5], false],
  ['1.43', [1, 41], true],
  ['', [1], undefined],
  ['dev', [1], undefined],
] as const) {
  test(`isAtLeast: ${version || 'nothing'} and ${least.join('.')} -> ${expected}`, () => assert.equal(isAtLeast(version, least), expected));
}

test('numbersOf: what begins with no number -> none', () => assert.deepEqual([numbersOf('x1'), numbersOf('v3.1-rc')], [[], [3, 1]]));
