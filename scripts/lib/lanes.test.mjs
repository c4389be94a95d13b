import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { NAMED, inLanes, planLanes } from './lanes.mjs';
import { root } from './root.mjs';

test('planLanes: files -> each once, busy ones and waiting ones at the ends, those that must be alone by themselves', () => {
  const names = { busy: ['long', 'busy'], waiting: ['slow', 'wait'], alone: ['quiet', 'gone'] };
  assert.deepEqual(planLanes(['a', 'busy', 'b', 'long', 'quiet', 'slow', 'wait'], names), {
    together: ['long', 'busy', 'a', 'b', 'wait', 'slow'],
    alone: ['quiet'],
  });
});

test('planLanes: what is named by path -> is there', () => {
  for (const path of NAMED) assert.ok(existsSync(join(root, path)), path);
});

test('inLanes: more items than lanes -> from both ends, never more at a time than there are lanes, told in order', async () => {
  const begun = [];
  let running = 0;
  let most = 0;
  const lastBegun = Promise.withResolvers();
  const given = await inLanes(['a', 'b', 'c', 'd'], 2, async (item) => {
    most = Math.max(most, (running += 1));
    if (begun.push(item) === 4) lastBegun.resolve();
    // The first lane is held up until the other one has done the rest.
    if (item === 'a') await lastBegun.promise;
    running -= 1;
    return item.toUpperCase();
  });
  assert.deepEqual([given, most, begun], [['A', 'B', 'C', 'D'], 2, ['a', 'd', 'c', 'b']]);
});

test('inLanes: nothing to do -> nothing', async () => assert.deepEqual(await inLanes([], 2, assert.fail), []));
