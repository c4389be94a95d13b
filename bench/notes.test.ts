import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summary } from './measure.ts';
import { firstError, takeNotes } from './notes.ts';

const fails = (): Promise<never> => Promise.reject(new Error('lobsterpot up ended with 1: \nlobsterpot: error: no way to nas\n  cause: x'));
const works = async () => summary([1000]);

for (const [name, work, warm, kept] of [
  ['it works', works, works, true],
  ['it fails', fails, works, false],
  ['it fails while it is warmed', works, fails, false],
] as const) {
  test(`takeNotes: ${name} -> ${kept ? 'a figure' : 'no figure, and why'}`, async () => {
    const said: string[] = [];
    const notes = takeNotes((line) => said.push(line));
    assert.equal(await notes.add('up', 2, work, warm), kept);
    assert.equal(notes.figures.length, kept ? 1 : 0);
    assert.deepEqual(notes.notMeasured, kept ? [] : ['`up`, nothing to do, hosts: 2: no way to nas']);
    assert.equal(said.length, 1);
  });
}

for (const [text, expected] of [
  ['lobsterpot: error: locked (x/y)\n  cause: z', 'locked (x/y)'],
  ['something\nelse', 'something'],
] as const) {
  test(`firstError: ${JSON.stringify(text)} -> ${expected}`, () => assert.equal(firstError(new Error(text)), expected));
}
