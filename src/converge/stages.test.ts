import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Change } from './change.ts';
import { inOrder, runStage, stagesOf } from './stages.ts';

const start = (host: string, service: string): Change => ({ kind: 'start-service', host, service, reason: 'not running', running: false });
const secret = (host: string, name: string): Change => ({ kind: 'generate-secret', host, secret: name, form: 'token' });
const shown = (change: Change): string => `${change.host} ${'service' in change ? change.service : change.kind}`;

void test('stagesOf: a lane a host; nodes and tunnels after every gateway; the operator’s own store in one lane', () => {
  const changes = [
    start('nas', 'node-nas'),
    start('nas', 'gate'),
    start('mac', 'gateway-main'),
    start('nas', 'link-nas'),
    secret('mac', 'a'),
    secret('nas', 'b'),
  ];
  assert.deepEqual(
    stagesOf(inOrder(changes)).map((stage) => stage.map((lane) => lane.map(shown))),
    [[['mac generate-secret', 'nas generate-secret']], [['nas gate'], ['mac gateway-main']], [['nas node-nas', 'nas link-nas']]],
  );
});

void test('runStage: hosts are side by side; after a failure nothing more is begun and what had begun is waited for', async () => {
  const told: string[] = [];
  const stage = [
    [start('mac', 'gate'), start('mac', 'gateway-main')],
    [start('nas', 'gate'), start('nas', 'gateway-two')],
  ];
  await assert.rejects(
    runStage(stage, async (change) => {
      told.push(`begin ${shown(change)}`);
      await sleep(change.host === 'mac' ? 5 : 40);
      if (change.host === 'mac') throw new Error('no');
      told.push(`end ${shown(change)}`);
    }),
    /no/,
  );
  assert.deepEqual(told, ['begin mac gate', 'begin nas gate', 'end nas gate']);
});
