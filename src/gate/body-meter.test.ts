import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BodyMeter } from './body-meter.ts';
import type { BodyLength } from './request.ts';

/** Feeds the text in pieces of the given size; gives how much of it belongs to the body. */
function follow(body: BodyLength, text: string, piece: number): string {
  const meter = new BodyMeter(body);
  let taken = 0;
  for (let at = 0; at < text.length && !meter.done; at += piece) {
    const measured = meter.measure(Buffer.from(text.slice(at, at + piece), 'latin1'));
    if ('refused' in measured) return `refused: ${measured.refused}`;
    taken += measured.take;
  }
  return `${taken} ${meter.done ? 'done' : 'more'}`;
}

const CHUNKED = { kind: 'chunked' } as const;
const CASES: readonly (readonly [situation: string, body: BodyLength, text: string, expected: RegExp])[] = [
  ['no body', { kind: 'none' }, 'GET', /^0 done$/],
  ['a length', { kind: 'length', bytes: 3 }, 'abcGET', /^3 done$/],
  ['a length not reached', { kind: 'length', bytes: 9 }, 'abc', /^3 more$/],
  ['a length of zero', { kind: 'length', bytes: 0 }, 'x', /^0 done$/],
  ['chunks and what follows', CHUNKED, '3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nGET /', /^28 done$/],
  ['chunks not ended', CHUNKED, '3\r\nabc\r\n', /^8 more$/],
  ['a chunk extension', CHUNKED, '3;x=y\r\nabc\r\n', /^refused: .*size/],
  ['a chunk longer than it says', CHUNKED, '3\r\nabcd\r\n', /^refused: .*longer/],
  ['a bare line feed after the size', CHUNKED, '3\nabc\r\n', /^refused: .*size/],
  ['a size with a sign', CHUNKED, '+3\r\nabc\r\n', /^refused: .*size/],
  ['a size with 0x', CHUNKED, '0x3\r\nabc\r\n', /^refused: .*size/],
  ['a size of nine digits', CHUNKED, '000000003\r\nabc\r\n', /^refused: .*size/],
  ['an empty size', CHUNKED, '\r\n', /^refused: .*size/],
  ['trailer fields', CHUNKED, '0\r\nX: y\r\n\r\n', /^refused: .*trailer/],
];

for (const [situation, body, text, expected] of CASES) {
  test(`BodyMeter: ${situation} -> ${expected.source}, however it is cut`, () => {
    for (const piece of [1, 2, 3, 5, 100]) assert.match(follow(body, text, piece), expected);
  });
}

test('BodyMeter: any chunks, cut anywhere, and anything behind them -> exactly the body', () => {
  const chunks = fc.array(fc.string({ minLength: 1, unit: 'binary-ascii' }), { maxLength: 5 });
  fc.assert(
    fc.property(chunks, fc.string({ unit: 'binary-ascii' }), fc.integer({ min: 1, max: 20 }), (list, behind, piece) => {
      const body = `${list.map((one) => `${one.length.toString(16)}\r\n${one}\r\n`).join('')}0\r\n\r\n`;
      assert.equal(follow(CHUNKED, body + behind, piece), `${body.length} done`);
    }),
  );
});

test('BodyMeter: a body in any pieces -> its content without the framing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 5 }),
      fc.nat(30),
      fc.boolean(),
      (texts, cut, isChunked) => {
        const content = texts.map((text) => Buffer.from(text));
        const all = Buffer.concat(content);
        const framed = isChunked
          ? Buffer.concat([
              ...content.flatMap((one) => [Buffer.from(`${one.length.toString(16)}\r\n`), one, Buffer.from('\r\n')]),
              Buffer.from('0\r\n\r\n'),
            ])
          : all;
        const seen: Buffer[] = [];
        const meter = new BodyMeter(isChunked ? { kind: 'chunked' } : { kind: 'length', bytes: all.length }, (bytes) =>
          seen.push(Buffer.from(bytes)),
        );
        for (const piece of [framed.subarray(0, cut), framed.subarray(cut)]) meter.measure(piece);
        assert.deepEqual([Buffer.concat(seen).toString('hex'), meter.done], [all.toString('hex'), true]);
      },
    ),
  );
});
