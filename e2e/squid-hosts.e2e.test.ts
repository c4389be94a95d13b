import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { ADDRESS } from '../lab/net.ts';
import { labRefused } from '../lab/prerequisites.ts';
import { startLab, type StartedLab } from '../lab/start-lab.ts';
import { hostsStage, type HostsStage } from './hosts/stage.ts';
import { findSquids } from './squid/prepare.ts';
import { imageWithSquid } from './squid/with-squid.ts';
import { parseJson } from './support/stage.ts';

const refused = labRefused();
const squids = refused === undefined ? await findSquids() : { refusal: refused };
const UP_MS = 200_000;

const file = (image: string): string => `
name: squid
image: ${image}
hosts:
  mac-mini: { connect: ssh://me@${ADDRESS.mac}, dir: /Users/me/openclaw-squid }
gateways:
  main:
    host: mac-mini
    runtime: docker
    model: { provider: anthropic, id: claude-sonnet-5, apiKey: { secret: model_key } }
egress:
  proxy: squid
  ca: lab-ca.pem
`;
const proof = z.object({
  findings: z.array(z.object({ checkId: z.string(), status: z.string(), message: z.string(), service: z.string().optional() })),
});

// The whole of it: a file with `proxy: squid`, a real OpenClaw behind it, and the proof.
describe('squid on a host', { skip: 'refusal' in squids ? squids.refusal : false }, () => {
  let lab: StartedLab;
  let stage: HostsStage;

  before(async () => {
    lab = await startLab();
    stage = hostsStage(lab, 'squid', file('lobsterpot-lab/openclaw:2026.9.6'));
  });
  after(async () => {
    await lab?.stop();
    if (!('refusal' in squids)) await squids[Symbol.asyncDispose]();
  });

  test('up with an image without Squid -> refused, with where to read how to make one', async () => {
    await stage.cli(['secrets', 'set', 'model_key'], { stdin: stage.modelKey });
    const { code, stderr } = await stage.cli(['up', '--yes']);
    assert.notEqual(code, 0);
    assert.match(stderr, /has no Squid[\s\S]*docs\/squid\.md/);
  });

  test('up -> healthy and proven', async () => {
    if ('refusal' in squids) return;
    stage.write(file(await imageWithSquid(lab, squids.openssl)));
    const { code, stdout, stderr } = await stage.cli(['up', '--yes'], { timeoutMs: UP_MS });
    assert.equal(code, 0, `${stdout}\n${stderr}`);
  });

  test('verify -> every check that can be tried passes', async () => {
    const { stdout } = await stage.cli(['verify', '--json'], { timeoutMs: 120_000 });
    const { findings } = proof.parse(parseJson(stdout));
    assert.deepEqual(
      findings.filter(({ status }) => status === 'fail').map(({ checkId, message }) => `${checkId}: ${message}`),
      [],
    );
    for (const id of ['egress.sni-mismatch', 'egress.sni-missing', 'egress.not-tls', 'egress.recorded'])
      assert.ok(
        findings.some(({ checkId, status }) => checkId === id && status === 'pass'),
        id,
      );
  });

  test('egress -> log, pending, explain, allow for a time and test work as with the gate', async () => {
    const pending = await stage.cli(['egress', 'log', '--denied', '--json']);
    assert.match(pending.stdout, /"reason": ?"no-rule"/);
    assert.equal((await stage.cli(['egress', 'log', '--verify'])).code, 0);
    assert.equal((await stage.cli(['egress', 'test', 'friendly.test', '--client', 'main'])).code, 1);
    assert.equal((await stage.cli(['egress', 'allow', 'friendly.test', '--for', '1h', '--client', 'main'])).code, 0);
    assert.equal((await stage.cli(['egress', 'test', 'friendly.test', '--client', 'main'])).code, 0);
    assert.match((await stage.cli(['egress', 'explain', 'friendly.test'])).stdout, /friendly\.test/);
    assert.equal((await stage.cli(['egress', 'forget', 'friendly.test', '--client', 'main'])).code, 0);
  });

  test('up again -> nothing to do', async () => {
    const { code, stdout, stderr } = await stage.cli(['plan']);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
  });
});
