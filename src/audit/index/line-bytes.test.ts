import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GENESIS, openLine, sealLine } from '../../policy/trail-line.ts';
import { openBytes } from './line-bytes.ts';

/** Both readers of a line, on the same bytes, which stand in the middle of others. */
function both(line: Buffer): readonly [unknown, unknown] {
  const around = Buffer.concat([Buffer.from('before\n'), line, Buffer.from('\nafter')]);
  const bytes = openBytes(around, 7, 7 + line.length);
  const text = openLine(line.toString('utf8'));
  return [
    bytes && { record: bytes.record, seq: bytes.seq, time: bytes.time, hash: bytes.hash },
    text && { record: text.record, seq: text.place.seq, time: text.place.time, hash: text.hash },
  ];
}

const sealed = fc
  .record({ seq: fc.nat(), time: fc.nat(), by: fc.string(), change: fc.string({ unit: 'grapheme' }) })
  .map(({ seq, time, by, change }) => Buffer.from(sealLine({ seq, time, prev: GENESIS }, { kind: 'operator', by, change }).line.trimEnd()));

test('openBytes: any sealed line -> what openLine reads', () => {
  fc.assert(
    fc.property(sealed, (line) => {
      const [bytes, text] = both(line);
      assert.notEqual(bytes, undefined);
      assert.deepEqual(bytes, text);
    }),
  );
});

test('openBytes: a sealed line with one byte changed, cut, or any bytes at all -> nothing, as openLine', () => {
  const changed = fc.tuple(sealed, fc.nat(), fc.integer({ min: 1, max: 127 })).map(([line, at, flip]) => {
    const copy = Buffer.from(line);
    const place = at % copy.length;
    copy[place] = (copy[place] ?? 0) ^ flip;
    return copy;
  });
  const cut = fc.tuple(sealed, fc.nat()).map(([line, at]) => line.subarray(0, at % line.length));
  const any = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(changed, cut, any), (line) => assert.deepEqual(both(line), [undefined, undefined])),
    { numRuns: 500 },
  );
});
