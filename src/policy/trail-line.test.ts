import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GENESIS, openLine, sealLine, trailFileName, trailFileNumber } from './trail-line.ts';

test('openLine: a sealed line -> its place, record and hash', () => {
  const { line, hash } = sealLine({ seq: 7, time: 5, prev: GENESIS }, { kind: 'operator', by: 'ann', change: 'allow "x",\n"hash":"' });
  const opened = openLine(line.slice(0, -1));
  assert.deepEqual(opened?.place, { seq: 7, time: 5, prev: GENESIS });
  assert.equal(opened?.hash, hash);
  assert.equal(opened?.record['by'], 'ann');
  assert.equal(line.split('\n').length, 2);
});

test('openLine: any single changed character -> undefined', () => {
  const { line } = sealLine({ seq: 1, time: 5, prev: GENESIS }, { kind: 'stop', why: 'asked' });
  const text = line.slice(0, -1);
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, other) => {
      fc.pre(text[at] !== other);
      assert.equal(openLine(text.slice(0, at) + other + text.slice(at + 1)), undefined);
    }),
  );
});

test('trailFileNumber: a file name -> its number; anything else -> undefined', () => {
  assert.equal(trailFileNumber(trailFileName(12)), 12);
  for (const name of ['trail-1.jsonl', 'trail-00000001.jsonl.tmp', 'x', '../trail-00000001.jsonl'])
    assert.equal(trailFileNumber(name), undefined);
});
