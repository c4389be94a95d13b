import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '../../src/core/wait.ts';
import { Redacted } from '../../src/core/redacted.ts';
import { withGateway } from '../../src/openclaw/rpc.ts';
import { statusOf, type Stage } from '../support/stage.ts';

// Somebody who holds the gateway's token starts a node host of their own: the real program, with a state of its own.
const STRANGER = `
const { spawn } = require('node:child_process');
const token = require('node:fs').readFileSync(0, 'utf8').trim();
const env = { ...process.env, HOME: '/tmp/stranger', OPENCLAW_STATE_DIR: '/tmp/stranger', OPENCLAW_GATEWAY_TOKEN: token };
const argv = [process.argv[1], 'node', 'run', '--host', '127.0.0.1', '--port', '18790', '--no-tls', '--display-name', 'nas'];
const child = spawn(process.execPath, argv, { env, stdio: 'inherit' });
child.on('exit', (code) => process.exit(code ?? 1));
`;

const FOR_MS = 45_000;

/** A second node host with the gateway's token, under the name of the enrolled one. */
export function strangerChapter(stage: Stage): void {
  test('stranger: a node host with the token -> named by status, which gives 1; nothing runs on it', async () => {
    const token = new Redacted(readFileSync(join(stage.root, 'secrets/gateway-main-token'), 'utf8'));
    const address = { url: 'ws://127.0.0.1:18789', token, timeoutMs: 10_000 };
    const known = (await statusOf(stage)).nodes.map((one) => one.deviceId);
    const running = stage.runtime.once('node-nas', ['{node}', '--eval', STRANGER, '{openclaw}'], {
      stdin: token.reveal(),
      timeoutMs: FOR_MS,
    });
    try {
      const seen = await until(
        async () => {
          const status = await statusOf(stage);
          return status.strangers.length > 0 ? status : undefined;
        },
        { timeoutMs: FOR_MS, everyMs: 500 },
      );
      const words = seen ? '' : JSON.stringify(await running);
      assert.ok(seen, `no stranger was seen: ${words}`);
      const [stranger, ...others] = seen.strangers;
      assert.ok(stranger);
      assert.deepEqual([stranger.standing, others, seen.code, known.includes(stranger.id)], ['asking', [], 1, false]);
      // Whose name it takes makes no difference.
      assert.deepEqual(
        seen.nodes.map((one) => `${one.name} ${one.state}`),
        ['nas connected'],
      );
      const human = await stage.cli(['status']);
      assert.equal(human.code, 1);
      assert.match(human.stdout, /not in the file\n.*asks to be let in, and is not/s);
      assert.ok(human.stdout.includes(stranger.id.slice(0, 8)), human.stdout);
      await withGateway(address, async (rpc) => {
        const params = { command: ['/usr/bin/uname', '-n'], agentId: 'main' };
        const answer = await rpc.invoke(stranger.id, 'system.run', params, 5000);
        assert.equal(answer.ok, false, JSON.stringify(answer));
        assert.equal(
          (await rpc.nodes()).some((one) => one.nodeId === stranger.id && one.connected === true),
          false,
        );
      });
    } finally {
      for (const one of stage.own())
        if (one.environment?.includes('OPENCLAW_STATE_DIR=/tmp/stranger') === true) process.kill(one.pid, 'SIGKILL');
      await running;
      await withGateway(address, async (rpc) => {
        for (const { requestId } of (await rpc.devices()).pending) if (requestId !== undefined) await rpc.rejectDevice(requestId);
      });
    }
    const after = await statusOf(stage);
    assert.deepEqual([after.strangers, after.code], [[], 0]);
  });
}
