import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NODE_READY_LINE } from './config/commands.ts';
import { whyAway } from './why-away.ts';

const hungUp = '[node] gateway connect failed: socket hang up';
const refused = '[node] gateway connect failed: ECONNREFUSED 127.0.0.1:18790';

for (const [name, lines, expected] of [
  ['nothing was said', [], undefined],
  ['it is only ready', [NODE_READY_LINE], undefined],
  ['nobody answers', [NODE_READY_LINE, hungUp], 'socket hang up'],
  ['the last word counts', [hungUp, refused], 'ECONNREFUSED 127.0.0.1:18790'],
  ['it was let in since', [hungUp, NODE_READY_LINE], undefined],
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
