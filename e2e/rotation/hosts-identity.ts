import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { containersOf, DOCKER, asRoot, nameOf } from '../hosts/on-hosts.ts';
import type { HostsStage } from '../hosts/stage.ts';
import { tryOldNode } from '../../src/openclaw/node-state.ts';
import { expandInImage } from '../../src/runtimes/docker/image-paths.ts';
import { containerName, INSIDE } from '../../src/runtimes/docker/layout.ts';
import { parseJson } from '../support/stage.ts';
import type { RotatedDocument } from './rotated.ts';

/** Where a node's state lies beside the copy of it that this test keeps, which no service can see. */
const STATE = (stage: HostsStage): string => `/volume1/docker/openclaw/${nameOf(stage)}/services/node-nas/state`;
const KEPT = '/volume1/docker/openclaw/kept-identity';

const status = z.object({ nodes: z.array(z.object({ name: z.string(), deviceId: z.string() })) });

/** What a node in a container on another host is known by, replaced from a third place. */
export function hostsIdentity(stage: () => HostsStage, rotate: (...args: readonly string[]) => Promise<RotatedDocument>): void {
  const nas = (script: string): Promise<string> => asRoot(stage().lab.nas, script, STATE(stage()), KEPT);

  test('rotation: the identity of a node in a container -> another device; who has the old one is refused; only the node was started anew', async (t) => {
    await nas('mkdir "$2" && cp -a "$1/openclaw" "$2/openclaw.before"');
    try {
      // Who can read the state of a node has its identity: this is what the rotation takes away.
      assert.deepEqual(await tryKept(stage(), nas), { state: 'taken' });
      const [device, before] = [await deviceOf(stage()), await containersOf(stage())];
      const { proven, findings, outages, wholeMs } = await rotate('identity', 'nas');
      t.diagnostic(`${JSON.stringify(outages)}, whole ${wholeMs} ms`);
      assert.deepEqual(
        [proven, findings.map((one) => `${one.checkId} ${one.status}`)],
        [true, ['rotate.identity pass', 'rotate.identity-forgotten pass']],
      );
      const after = await containersOf(stage());
      assert.deepEqual(
        [...after].filter(([name, state]) => before.get(name) !== state).map(([name]) => name),
        ['nas node-nas'],
      );
      assert.notEqual(await deviceOf(stage()), device);
      const refused = await tryKept(stage(), nas);
      assert.equal(refused.state, 'refused', JSON.stringify(refused));
      // What the gateway was asked by it leaves nothing to do and nobody who waits.
      assert.doesNotMatch(stage().said.at(-1)?.text ?? '', /left alone/);
      assert.equal(await nas('ls -A "$1" | grep before || :'), '');
    } finally {
      await nas('rm -rf "$2" "$1/openclaw.before"');
    }
    for (const [command, code] of [
      [['/usr/bin/ls', '/volume1/photos'], 0],
      [['/usr/bin/id'], 1],
    ] as const) {
      const ran = await stage().cli(['exec', 'nas', '--', ...command]);
      assert.equal(ran.code, code, ran.stdout + ran.stderr);
    }
    const plan = await stage().cli(['plan']);
    assert.equal(plan.code, 0, plan.stdout);
  });
}

async function deviceOf(stage: HostsStage): Promise<string> {
  const { stdout } = await stage.cli(['status', '--json']);
  return status.parse(parseJson(stdout)).nodes.find((one) => one.name === 'nas')?.deviceId ?? '';
}

/** Connects from inside the node's container with the copy of its state, which lies there only as long. */
async function tryKept(stage: HostsStage, nas: (script: string) => Promise<string>): ReturnType<typeof tryOldNode> {
  const container = containerName(nameOf(stage), 'node-nas');
  await nas('cp -a "$2/openclaw.before" "$1/"');
  try {
    return await tryOldNode({
      service: 'node-nas',
      name: 'nas',
      once: (_service, command, options) =>
        stage.lab.nas.run(
          [DOCKER.nas, 'exec', '-i', container, 'node', INSIDE.launcher, INSIDE.spec, 'beside', ...expandInImage(command)],
          { as: 'root', timeoutMs: options.timeoutMs },
        ),
    });
  } finally {
    await nas('rm -rf "$1/openclaw.before"');
  }
}
