import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ADDRESS } from '../../lab/net.ts';
import type { Lab } from '../../lab/lab.ts';
import { routesInContainers } from '../routes/in-containers.ts';
import { hostsStage, statusOf, type HostsStage } from './stage.ts';

const UP_MS = 300_000;

const FILE = `
name: pair
image: lobsterpot-lab/openclaw:2026.9.6
hosts:
  mac-mini: { connect: ssh://me@${ADDRESS.mac}, dir: /Users/me/openclaw-pair }
  nas: { connect: ssh://admin@${ADDRESS.nas}, dir: /volume1/docker/openclaw-pair }
gateways:
  work:
    host: mac-mini
    runtime: docker
    credentials: route
    model: { provider: anthropic, id: claude-sonnet-5, apiKey: { secret: work_key } }
  family:
    host: nas
    runtime: docker
    model: { provider: anthropic, id: claude-sonnet-5, apiKey: { secret: family_key } }
egress:
  ca: lab-ca.pem
  allow:
    - { host: friendly.test, client: family }
`;

/** Two gateways of one file that know nothing of each other; one of them on a host like a Synology. */
export function twoGateways(lab: () => Lab): void {
  describe('two gateways', () => {
    let stage: HostsStage;

    before(() => {
      stage = hostsStage(lab(), 'two-gateways', FILE);
    });
    after(async () => void (await stage.cli(['destroy', '--confirm', 'pair'], { timeoutMs: 120_000 })));

    test('up: both healthy, also the one whose kernel lacks openat2', async () => {
      await stage.cli(['secrets', 'set', 'work_key'], { stdin: stage.modelKey });
      await stage.cli(['secrets', 'set', 'family_key'], { stdin: stage.modelKey });
      const { code, stdout, stderr } = await stage.cli(['up', '--yes'], { timeoutMs: UP_MS });
      assert.equal(code, 0, `${stdout}\n${stderr}`);
      const { services } = await statusOf(stage);
      assert.deepEqual([...new Set(services.map((one) => one.state))], ['healthy']);
    });

    test('tokens: each its own', async () => {
      const [work, family] = [await stage.cli(['token', 'work']), await stage.cli(['token', 'family'])];
      assert.match(work.stdout, /^[0-9a-f]{64}\n$/);
      assert.notEqual(work.stdout, family.stdout);
    });

    routesInContainers(() => stage, 'work', '/Users/me/openclaw-pair');

    test('policy: a rule of one is not known to the other', async () => {
      assert.equal((await stage.cli(['egress', 'test', 'friendly.test', '--client', 'family'])).code, 0);
      assert.equal((await stage.cli(['egress', 'test', 'friendly.test', '--client', 'work'])).code, 1);
    });

    test('verify: nothing of one is reachable from the other', async () => {
      const { code, stdout, stderr } = await stage.cli(['verify'], { timeoutMs: 120_000 });
      assert.equal(code, 0, `${stdout}\n${stderr}`);
    });
  });
}
