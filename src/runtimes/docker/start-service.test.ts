import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { mergeLog } from './start-service.ts';

suite('mergeLog', () => {
  const table: ReadonlyArray<readonly [string, string, string, readonly string[]]> = [
    ['nothing', '', '', []],
    ['two streams', '2026-11-22T04:00:01Z one\n2026-11-22T04:00:03Z three\n', '2026-11-22T04:00:02Z two\n', ['one', 'two', 'three']],
    ['a line with escapes', '2026-11-22T04:00:01Z \u001b[2Jx\r\n', '', ['\u{fffd}[2Jx']],
    ['an empty line of the service', '2026-11-22T04:00:01Z \n', '', ['']],
    ['one moment in both', '2026-11-22T04:00:01Z a\n', '2026-11-22T04:00:01Z b\n', ['a', 'b']],
  ];
  for (const [name, stdout, stderr, expected] of table) {
    test(`${name} -> ${JSON.stringify(expected)}`, () => assert.deepEqual(mergeLog(stdout, stderr), expected));
  }
});
