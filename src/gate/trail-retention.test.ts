import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Trail } from './trail.ts';
import { filesToKeep, mustRotate } from './trail-retention.ts';

const DAY = 86_400_000;

const ROTATIONS: readonly (readonly [
  situation: string,
  file: Parameters<typeof mustRotate>[0],
  bytes: number,
  ageMs: number | undefined,
  expected: boolean,
])[] = [
  ['an empty file', { size: 0, beganMs: 0 }, 900, 1, false],
  ['it just fits', { size: 90, beganMs: 0 }, 10, undefined, false],
  ['one byte too many', { size: 91, beganMs: 0 }, 10, undefined, true],
  ['old, without a bound on age', { size: 1, beganMs: 0 }, 1, undefined, false],
  ['a tenth of the age', { size: 1, beganMs: 0 }, 1, 100 * DAY, false],
  ['more than a tenth of the age', { size: 1, beganMs: 0 }, 1, 99 * DAY, true],
  ['nobody knows when it began', { size: 1, beganMs: undefined }, 1, 1, false],
];
for (const [situation, file, bytes, ageMs, expected] of ROTATIONS) {
  test(`mustRotate: ${situation} -> ${expected}`, () => {
    assert.equal(mustRotate(file, bytes, { fileBytes: 100, ageMs, nowMs: 10 * DAY }), expected);
  });
}

const KEPT: readonly (readonly [situation: string, files: number, ageDays: number | undefined, expected: readonly number[]])[] = [
  ['few and young', 9, 90, [1, 2, 3, 4]],
  ['more than the count', 2, undefined, [3, 4]],
  ['the second began just within the age: the first has records of that day', 9, 8, [1, 2, 3, 4]],
  ['the second began too long ago: the first has none that is young', 9, 7, [2, 3, 4]],
  ['all but the newest too old', 9, 1, [4]],
];
for (const [situation, files, ageDays, expected] of KEPT) {
  test(`filesToKeep: ${situation} -> ${expected.join(' ')}`, () => {
    const bounds = { files, ageMs: ageDays === undefined ? undefined : ageDays * DAY, nowMs: 10 * DAY };
    assert.deepEqual(
      filesToKeep([1, 2, 3, 4], bounds, (number) => number * DAY),
      expected,
    );
  });
}

test('Trail: filled many times over, then left for a long time -> never beyond its bounds', (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'trail-'));
  t.after(() => rmSync(parent, { recursive: true }));
  const folder = join(parent, 'trail');
  let nowMs = 1000;
  const trail = new Trail({ folder, fileBytes: 16_384, files: 4, ageMs: 10 * DAY, nowMs: () => nowMs, complain: assert.fail });
  const size = (): number => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  trail.start(1);
  for (let index = 0; index < 2000; index += 1) {
    trail.write({ kind: 'operator', by: 'ann', change: 'x'.repeat(index % 400) });
    assert.ok(size() <= 4 * 16_384);
  }
  assert.equal(readdirSync(folder).length, 4);
  nowMs += 12 * DAY;
  trail.write({ kind: 'stop', why: 'the first one of another time' });
  // The file before the newest one is taken to be as young as the newest one's beginning.
  assert.equal(readdirSync(folder).length, 2);
  trail.close();
});
