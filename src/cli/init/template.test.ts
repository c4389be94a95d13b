import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reworded, setAside, takenIn, withoutLines } from './template.ts';

const TEXT = ['a:', '  # why', '  # b:', '  #   c: [1]', '  #   d: 2', '  # e: 3', '  f:', '    - g', '    - h', 'i: 4', ''].join('\n');

test('takenIn: a commented-out key -> it and what is below it, at its own place; the rest as it was', () => {
  assert.equal(takenIn(TEXT, 'b'), TEXT.replace('  # b:\n  #   c: [1]\n  #   d: 2', '  b:\n    c: [1]\n    d: 2'));
  assert.equal(takenIn(TEXT, 'e'), TEXT.replace('  # e: 3', '  e: 3'));
});

test('setAside: a key -> a comment with what is below it; the rest as it was', () => {
  assert.equal(setAside(TEXT, 'f'), TEXT.replace('  f:\n    - g\n    - h', '  # f:\n  #   - g\n  #   - h'));
});

for (const key of ['b', 'e', 'f']) {
  const [one, other] = key === 'f' ? [setAside, takenIn] : [takenIn, setAside];
  test(`takenIn, setAside: ${key}, one after the other -> as before`, () => assert.equal(other(one(TEXT, key), key), TEXT));
}

test('takenIn, setAside: a key that is not there, or is the other way -> nothing', () => {
  for (const change of [takenIn, setAside]) assert.equal(change(TEXT, 'z'), TEXT);
  assert.equal(takenIn(TEXT, 'f'), TEXT);
  assert.equal(setAside(TEXT, 'b'), TEXT);
});

test('withoutLines, reworded: lines and words; no `$` is special', () => {
  assert.equal(withoutLines('a\nb\na c\n', /^a/), 'b\n');
  assert.equal(reworded('the NAS, the NAS', [[/the NAS/g, '$&']]), '$&, $&');
});
