import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asRoot, nameOf } from './on-hosts.ts';
import { statusOf, type HostsStage } from './stage.ts';

const UP_MS = 240_000;

/** What a gateway keeps is gone while it runs: its devices among it. */
export function lostState(stage: () => HostsStage): void {
  describe('a gateway that lost its state', () => {
    test('up: its folder is gone -> one run starts it anew and enrols its node again', { timeout: 360_000 }, async () => {
      await asRoot(stage().lab.mac, 'rm -r "$1"', `/Users/me/openclaw/${nameOf(stage())}/services/gateway-main/state`);
      const up = await stage().cli(['apply', '--yes'], { timeoutMs: UP_MS });
      assert.equal(up.code, 0, up.stderr);
      assert.match(up.stderr, /gateway main +healthy again[^]*node host nas +enrolled/);
      const ran = await stage().cli(['exec', 'nas', '--', '/usr/bin/uname', '-n']);
      assert.deepEqual([ran.code, ran.stdout], [0, 'nas\n'], ran.stderr);
      const { code, strangers } = await statusOf(stage());
      assert.deepEqual([code, strangers], [0, []]);
      const plan = await stage().cli(['plan']);
      assert.equal(plan.code, 0, plan.stdout);
    });
  });
}
