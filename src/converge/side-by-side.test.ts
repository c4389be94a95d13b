import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { sideBySide } from './side-by-side.ts';

test('sideBySide: all begin before one has ended', async () => {
  const said: string[] = [];
  await sideBySide(['a', 'b'], async (name) => {
    said.push(`${name} begins`);
    await turn();
    said.push(`${name} ends`);
  });
  assert.deepEqual(said, ['a begins', 'b begins', 'a ends', 'b ends']);
});

test('sideBySide: one fails -> the others come to their end first, and the first failure is thrown', async () => {
  let isDone = false;
  const work = async (name: string): Promise<void> => {
    if (name === 'slow') {
      await turn();
      isDone = true;
      return;
    }
    throw new Error(name);
  };
  await assert.rejects(sideBySide(['slow', 'first', 'second'], work), { message: 'first' });
  assert.equal(isDone, true);
});
