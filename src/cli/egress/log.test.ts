import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkText } from './log.ts';

const io = { out: () => {}, talk: () => {}, colour: false, live: false };
const whole = { ok: true, records: 6, firstSeq: 1, lastSeq: 6, lastHash: '', gaps: 0 } as const;

const CASES: readonly (readonly [
  situation: string,
  check: Parameters<typeof checkText>[1],
  compared: boolean,
  lines: readonly string[],
])[] = [
  ['all there', whole, true, ['whole: 6 records, 1 to 6, 0 recorded gaps']],
  [
    'rotated, and no gate to compare with',
    { ...whole, firstSeq: 4, lastSeq: 9, dropped: { records: 3, oldestKeptMs: Date.UTC(2026, 10, 21, 7, 8, 9) } },
    false,
    [
      'whole: 6 records, 4 to 9, 0 recorded gaps',
      'records 1 to 3 were dropped by rotation; the oldest kept is of 2026-11-21 07:08:09',
      'the gate does not run: lines cut off at the very end would not be noticed',
    ],
  ],
  [
    'broken',
    { ok: false, file: 'trail-00000002.jsonl', line: 3, why: 'the line was changed' },
    true,
    ['broken: trail-00000002.jsonl line 3: the line was changed'],
  ],
];
for (const [situation, check, compared, lines] of CASES) {
  test(`checkText: ${situation} -> ${lines.length} lines`, () => {
    assert.equal(checkText(io, check, compared), lines.map((line) => `${line}\n`).join(''));
  });
}
