import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../../src/core/wait.ts';
import { losePower, restartEngine } from './host-restart.ts';
import { asRoot, containersOf, nameOf, signalInside } from './on-hosts.ts';
import { statusOf, type HostsStage } from './stage.ts';

const BACK_MS = 180_000;

/** Something of a running deployment ends, and nobody mends it. */
type End = {
  readonly name: string;
  readonly act: (stage: HostsStage) => Promise<unknown>;
  /** What is started anew by it, as `host service`. */
  readonly restarts: readonly string[];
};

const ENDS: readonly End[] = [
  { name: 'the ssh of the link is killed', act: (stage) => signalInside(stage, 'nas link-nas', 'KILL', 'ssh'), restarts: ['nas link-nas'] },
  {
    name: 'the sshd of the gateway host drops the link',
    act: ({ lab }) => asRoot(lab.mac, 'pids=$(pgrep -f "^sshd: me") && kill -KILL $pids'),
    restarts: ['nas link-nas'],
  },
  {
    name: 'OpenClaw is killed in the node',
    act: (stage) => signalInside(stage, 'nas node-nas', 'KILL', 'openclaw'),
    restarts: ['nas node-nas'],
  },
  {
    name: 'OpenClaw is killed in the gateway',
    act: (stage) => signalInside(stage, 'mac gateway-main', 'KILL', 'openclaw'),
    restarts: ['mac gateway-main'],
  },
  {
    name: 'the engine of the NAS ends and starts again',
    act: ({ lab }) => restartEngine(lab, 'nas'),
    restarts: ['nas gate', 'nas link-nas', 'nas node-nas'],
  },
  {
    name: "the gateway's host loses its power",
    act: ({ lab }) => losePower(lab, 'mac'),
    restarts: ['mac gate', 'mac gateway-main', 'mac ingress-main'],
  },
];

/** What comes back without a hand, and how fast; and what a person must be told of. */
export function recovery(stage: () => HostsStage): void {
  describe('recovery', () => {
    for (const { name, act, restarts } of ENDS) {
      test(`${name} -> a command runs on the node again, without a hand`, async (t) => {
        const before = await containersOf(stage());
        const begin = performance.now();
        await act(stage());
        const anew = await until(() => areAnew(stage(), before, restarts), { timeoutMs: BACK_MS, everyMs: 300 });
        assert.equal(anew, true, `not started anew: ${restarts.join(', ')}`);
        const back = await until(() => isWell(stage()), { timeoutMs: BACK_MS, everyMs: 500 });
        assert.equal(back, true, JSON.stringify(await statusOf(stage())));
        t.diagnostic(`${name}: back after ${((performance.now() - begin) / 1000).toFixed(1)} s`);
      });
    }

    test('a secret that others may read -> plan names it, up puts it right', async () => {
      const { lab } = stage();
      const path = `/Users/me/openclaw/${nameOf(stage())}/services/gateway-main/secrets/anthropic_api_key`;
      await asRoot(lab.mac, 'chmod 444 "$1"', path);
      const plan = await stage().cli(['plan']);
      assert.deepEqual([plan.code, /anthropic_api_key.*mode/.test(plan.stdout)], [2, true], plan.stdout);
      const up = await stage().cli(['apply', '--yes'], { timeoutMs: BACK_MS });
      assert.equal(up.code, 0, up.stderr);
      assert.equal(await asRoot(lab.mac, 'stat -c %a "$1"', path), '400');
      assert.equal((await stage().cli(['plan'])).code, 0);
    });
  });
}

/** While an engine starts it tells nothing yet. */
async function areAnew(stage: HostsStage, before: ReadonlyMap<string, string>, names: readonly string[]): Promise<true | undefined> {
  const now = await containersOf(stage).catch(() => undefined);
  return now !== undefined && names.every((name) => now.has(name) && now.get(name) !== before.get(name)) ? true : undefined;
}

/** A gateway learns late that a node is gone: the way to it must be gone to the end. */
async function isWell(stage: HostsStage): Promise<true | undefined> {
  const { code } = await stage.cli(['status']);
  if (code !== 0) return undefined;
  const { stdout } = await stage.cli(['exec', 'nas', '--', '/usr/bin/uname', '-n']);
  return stdout === 'nas\n' ? true : undefined;
}
