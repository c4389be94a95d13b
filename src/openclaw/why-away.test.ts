import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NODE_READY_LINE } from './config/commands.ts';
import { whyAway } from './why-away.ts';

const CLOCK = 'its clock and that of its gateway differ by more than 2 minutes: lobsterpot doctor';
const expired = '[node] gateway connect failed: unauthorized: device signature expired';
const refused = '[node] gateway connect failed: ECONNREFUSED 127.0.0.1:18790';

for (const [name, lines, expected] of [
  ['nothing was said', [], undefined],
  ['it is only ready', [NODE_READY_LINE], undefined],
  ['the clock', [NODE_READY_LINE, expired], CLOCK],
  ['the last word counts', [refused, expired], CLOCK],
  ['the clock was wrong and is right again', [expired, NODE_READY_LINE], undefined],
  ['another reason after the clock', [expired, refused], 'ECONNREFUSED 127.0.0.1:18790'],
  [
    'its identity',
    ['connect failed: unauthorized: device token mismatch (rotate/reissue device token)'],
    'its gateway refuses its identity: lobsterpot plan',
  ],
] as const) {
  test(`whyAway: ${name} -> ${expected ?? 'not told'}`, () => assert.equal(whyAway(lines), expected));
}

test('whyAway: whatever a node prints -> one clean line or nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), fc.string({ unit: 'binary' }), (lines, said) => {
      const reason = whyAway([...lines, `connect failed: ${said}`]);
      // oxlint-disable-next-line no-control-regex -- exactly these must be gone
      assert.ok(reason === undefined || (reason.length <= 201 && !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(reason)));
    }),
  );
});
