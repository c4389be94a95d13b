import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minuteAt, overMinute } from './minute.ts';

const NOON = Date.UTC(2026, 11, 31, 23, 59, 30);
const SAID = 'daily budget for route openai is used up (2 requests a minute); resets 00:00 UTC';

for (const [situation, most, asked, laterMs, expected] of [
  ['no limit', undefined, 1000, 0, undefined],
  ['one below it', 2, 1, 0, undefined],
  ['at it', 2, 2, 0, SAID],
  ['beyond it', 2, 3, 29_999, SAID],
  ['the next minute', 2, 3, 30_000, undefined],
  ['nothing is allowed', 0, 0, 30_000, 'daily budget for route openai is used up (0 requests a minute); resets 00:01 UTC'],
] as const) {
  test(`overMinute: ${situation} -> ${expected ?? 'more may be asked'}`, () => {
    const nowMs = NOON + laterMs;
    const minute = minuteAt({ ...minuteAt(undefined, NOON), requests: asked }, nowMs);
    assert.equal(overMinute('openai', most === undefined ? {} : { minute: { requests: most } }, minute, nowMs), expected);
  });
}
