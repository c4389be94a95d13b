import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayGo } from './old-images.ts';

for (const [what, image, expected] of [
  ['no container, and no name but its own', { names: ['a:1'], containers: 0 }, true],
  ['no name any more', { names: [], containers: 0 }, true],
  ['a container, running or not', { names: ['a:1'], containers: 1 }, false],
  ['another name that somebody gave it', { names: ['a:1', 'mine:keep'], containers: 0 }, false],
  ['its name means another image by now, and it has one of its own', { names: ['a:old'], containers: 0 }, false],
] as const) {
  test(`mayGo: ${what} -> ${expected}`, () => assert.equal(mayGo({ asked: 'a:1', ...image }), expected));
}
