import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { parseDiskReport } from './disk-report.ts';

suite('parseDiskReport', () => {
  for (const [what, printed, expected] of [
    [
      'a measurement',
      '{"limitKiB":64,"usedKiB":1,"atMs":5,"freeKiB":7,"sizeKiB":9}\n',
      { limitKiB: 64, usedKiB: 1, atMs: 5, freeKiB: 7, sizeKiB: 9 },
    ],
    ['nothing measured yet', '{"limitKiB":64}', { limitKiB: 64 }],
    ['a reason with a colour', '{"limitKiB":64,"held":"full\\u001b[31m"}', { limitKiB: 64, held: 'full\u{fffd}[31m' }],
    ['nothing', '', undefined],
    ['the middle of something', '"limitKiB":64}', undefined],
    ['another shape', '{"limitKiB":"64"}', undefined],
    ['a negative size', '{"limitKiB":64,"usedKiB":-1}', undefined],
    ['a list', '[]', undefined],
  ] as const) {
    test(`${what} -> ${expected ? 'told' : 'nothing is known'}`, () => assert.deepEqual(parseDiskReport(printed), expected));
  }
});
