import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import fc from 'fast-check';

import { logText } from './log-text.ts';
import { asLog } from './testing/as-log.ts';

suite('logText', () => {
  test('pieces of both outputs -> the text of each, in the order of the log', () =>
    fc.assert(
      fc.property(fc.array(fc.string()), (pieces) => {
        const every = (second: number): string => pieces.filter((_, index) => index % 2 === second).join('');
        assert.deepEqual(logText(asLog(...pieces)), { out: every(0), errors: every(1) });
      }),
    ));

  test('a log that is cut off anywhere within a piece -> an error', () => {
    const log = asLog('one\n', 'two\n');
    for (let length = 1; length < log.length; length += 1) {
      if (length !== asLog('one\n').length) assert.throws(() => logText(log.subarray(0, length)), String(length));
    }
  });

  test('text without pieces, as of a terminal -> an error', () => assert.throws(() => logText(Buffer.from('is 81a4 0 0 0 ...\n'))));
});
