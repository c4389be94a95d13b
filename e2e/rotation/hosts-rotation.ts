import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseJson } from '../support/stage.ts';
import { statusOf, type HostsStage } from '../hosts/stage.ts';
import { hostsIdentity } from './hosts-identity.ts';
import { rotatedDocument, type RotatedDocument } from './rotated.ts';

const ROTATE_MS = 300_000;

/** The tunnel's key, the gateway's token and the node's identity, replaced from a third place; the deployment is the one of two hosts with a node `nas`. */
export function hostsRotation(stage: () => HostsStage): void {
  const rotate = async (...args: readonly string[]): Promise<RotatedDocument> => {
    const { code, stdout, stderr } = await stage().cli(['rotate', ...args, '--yes', '--json'], { timeoutMs: ROTATE_MS });
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    const { code: well, strangers } = await statusOf(stage());
    assert.deepEqual([well, strangers], [0, []]);
    const ran = await stage().cli(['exec', 'nas', '--', '/usr/bin/uname', '-n']);
    assert.deepEqual([ran.code, ran.stdout], [0, 'nas\n'], ran.stderr);
    return rotatedDocument.parse(parseJson(stdout));
  };
  const authorised = (): string => readFileSync(join(stage().lab.mac.root, 'Users/me/.ssh/authorized_keys'), 'utf8');

  test('rotation: the key of the tunnel -> the old one is refused by the host of the gateway, the node is back', async (t) => {
    const before = authorised().match(/^.*lobsterpot:casa:nas$/m)?.[0] ?? assert.fail('no key is let in');
    const { proven, findings, outages, wholeMs } = await rotate('link-key', 'nas');
    t.diagnostic(`${JSON.stringify(outages)}, whole ${wholeMs} ms`);
    assert.deepEqual(
      [proven, findings.map((one) => `${one.checkId} ${one.status}`), outages[0]?.service],
      [true, ['rotate.link-key pass'], 'link-nas'],
    );
    const after = authorised();
    assert.equal(after.match(/lobsterpot:casa:nas$/gm)?.length, 1);
    assert.ok(!after.includes(before));
  });

  test('rotation: the token of the gateway -> the old one is refused, the node on the other host is back', async (t) => {
    const before = (await stage().cli(['token', 'main'])).stdout;
    const { proven, findings, outages, wholeMs } = await rotate('gateway-token', 'main');
    t.diagnostic(`${JSON.stringify(outages)}, whole ${wholeMs} ms`);
    assert.deepEqual(
      [proven, findings.map((one) => `${one.checkId} ${one.status}`), outages.map((one) => one.service)],
      // What only passes connections on to it is waited for.
      [true, ['rotate.gateway-token pass'], ['gateway-main']],
    );
    assert.notEqual((await stage().cli(['token', 'main'])).stdout, before);
  });

  hostsIdentity(stage, rotate);
}
