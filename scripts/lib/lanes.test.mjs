import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { NAMED, inLanes, planLanes } from './lanes.mjs';
import { root } from './root.mjs';

test('planLanes: files -> each once, the longest first, those that must be alone by themselves', () => {
  const seconds = { a: 1, c: 30, d: 20 };
  assert.deepEqual(planLanes(['a', 'b', 'c', 'd'], { seconds, alone: ['d', 'e'] }), { together: ['c', 'a', 'b'], alone: ['d'] });
});

test('planLanes: what is named by path -> is there', () => {
  for (const path of NAMED) assert.ok(existsSync(join(root, path)), path);
});

test('inLanes: more items than lanes -> all in order, never more at a time than there are lanes', async () => {
  let running = 0;
  let most = 0;
  const given = await inLanes([30, 1, 1, 10, 1], 2, async (ms) => {
    most = Math.max(most, (running += 1));
    await sleep(ms);
    running -= 1;
    return ms;
  });
  assert.deepEqual([given, most], [[30, 1, 1, 10, 1], 2]);
});

test('inLanes: nothing to do -> nothing', async () => assert.deepEqual(await inLanes([], 2, assert.fail), []));
