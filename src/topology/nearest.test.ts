import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { editDistance, nearest } from './nearest.ts';

suite('nearest', () => {
  const keys = ['host', 'runtime', 'containment', 'port', 'model'];
  const table: readonly (readonly [string, string | undefined])[] = [
    ['hots', 'host'],
    ['Host', 'host'],
    ['hosts', 'host'],
    ['contianment', 'containment'],
    ['prot', 'port'],
    ['channels', undefined],
    ['', undefined],
    ['x'.repeat(100_000), undefined],
  ];
  for (const [word, expected] of table)
    test(`${word.slice(0, 20)} -> ${String(expected)}`, () => assert.equal(nearest(word, keys), expected));
});

suite('editDistance', () => {
  const short = fc.string({ maxLength: 12 });
  test('is zero for equal words alone, the same both ways, at most the longer length', () => {
    fc.assert(
      fc.property(short, short, (a, b) => {
        const distance = editDistance(a, b);
        assert.equal(distance === 0, a === b);
        assert.equal(distance, editDistance(b, a));
        assert.ok(distance <= Math.max(a.length, b.length) && distance >= Math.abs(a.length - b.length));
      }),
    );
  });

  test('one character taken out -> one', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 12 }), fc.nat(), (word, seed) => {
        const at = seed % word.length;
        assert.equal(editDistance(word, word.slice(0, at) + word.slice(at + 1)), 1);
      }),
    );
  });
});
