import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../src/core/wait.ts';
import { Redacted } from '../../src/core/redacted.ts';
import { withGateway } from '../../src/openclaw/rpc.ts';
import { statusOf, type Stage } from '../support/stage.ts';
import { startStranger } from '../support/stranger.ts';

const FOR_MS = 45_000;

/** A second node host with the gateway's token, under the name of the enrolled one. */
export function strangerChapter(stage: Stage): void {
  test('stranger: a node host with the token -> named by status, which gives 1; nothing runs on it', async () => {
    const token = new Redacted(readFileSync(join(stage.root, 'secrets/gateway-main-token'), 'utf8'));
    const address = { url: 'ws://127.0.0.1:18789', token, timeoutMs: 10_000 };
    const known = (await statusOf(stage)).nodes.map((one) => one.deviceId);
    const stranger = startStranger(stage, FOR_MS);
    try {
      const seen = await until(
        async () => {
          const status = await statusOf(stage);
          return status.strangers.length > 0 ? status : undefined;
        },
        { timeoutMs: FOR_MS, everyMs: 500 },
      );
      const words = seen ? '' : JSON.stringify(await stranger.running);
      assert.ok(seen, `no stranger was seen: ${words}`);
      const [asking, ...others] = seen.strangers;
      assert.ok(asking);
      assert.deepEqual([asking.standing, others, seen.code, known.includes(asking.id)], ['asking', [], 1, false]);
      // Whose name it takes makes no difference.
      assert.deepEqual(
        seen.nodes.map((one) => `${one.name} ${one.state}`),
        ['nas connected'],
      );
      const human = await stage.cli(['status']);
      assert.equal(human.code, 1);
      assert.match(human.stdout, /not in the file\n.*asks to be let in, and is not/s);
      assert.ok(human.stdout.includes(asking.id.slice(0, 8)), human.stdout);
      await withGateway(address, async (rpc) => {
        const params = { command: ['/usr/bin/uname', '-n'], agentId: 'main' };
        const answer = await rpc.invoke(asking.id, 'system.run', params, 5000);
        assert.equal(answer.ok, false, JSON.stringify(answer));
        assert.equal(
          (await rpc.nodes()).some((one) => one.nodeId === asking.id && one.connected === true),
          false,
        );
      });
    } finally {
      await stranger.end();
      await withGateway(address, async (rpc) => {
        for (const { requestId } of (await rpc.devices()).pending) if (requestId !== undefined) await rpc.rejectDevice(requestId);
      });
    }
    const after = await statusOf(stage);
    assert.deepEqual([after.strangers, after.code], [[], 0]);
  });
}
