import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { diskMiBOf, diskSchema } from './disk.ts';

suite('disk', () => {
  for (const [text, mib] of [
    ['20GiB', 20_480],
    ['500MiB', 500],
    ['2TiB', 2_097_152],
    [undefined, 20_480],
  ] as const) {
    test(`${text ?? 'nothing'} -> ${mib} MiB`, () => assert.equal(diskMiBOf(diskSchema.parse(text)), mib));
  }

  for (const text of ['20', '20GB', '0GiB', '1.5GiB', '20 GiB', '-1GiB', '20gib', '', '20GiB\n', 20]) {
    test(`${JSON.stringify(text)} -> refused`, () => assert.equal(diskSchema.safeParse(text).success, false));
  }
});
