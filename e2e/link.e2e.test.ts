import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { run } from '../src/hosts/run.ts';
import { authorizedLine } from '../src/link/authorized-line.ts';
import { authorizeLink, inspectLink, withdrawLink } from '../src/link/authorize.ts';
import { readHostKeys } from '../src/link/host-keys.ts';
import { generateLinkKey, publicKeyOf } from '../src/link/link-key.ts';
import { proveLink } from '../src/link/prove-link.ts';
import { readTunnel, sshArgv } from '../src/link/tunnel.ts';
import { Redacted } from '../src/core/redacted.ts';
import { gatewayStandIn, linkStage, startSshd, type LinkStage } from './link/link-stage.ts';
import { freePort, sshdRefusal } from './ssh/start-sshd.ts';

const skip = sshdRefusal() ?? false;
const deployment = 'home';
const GOOD = { forward: 'pass', exec: 'pass', elsewhere: 'pass', reverse: 'pass', 'reverse-socket': 'not-enforced', 'host-key': 'pass' };
const UNKNOWN = {
  forward: 'unknown',
  exec: 'unknown',
  elsewhere: 'unknown',
  reverse: 'unknown',
  'reverse-socket': 'unknown',
  'host-key': 'unknown',
};

test('generateLinkKey: ssh-keygen -> reads it and says the same public key, and the other way round', { skip }, async () => {
  await using stage = linkStage();
  const key = generateLinkKey();
  const path = join(stage.folder, 'ours');
  writeFileSync(path, key.privateKey.reveal(), { mode: 0o600 });
  const told = await run(['ssh-keygen', '-y', '-f', path], { timeoutMs: 10_000 });
  assert.equal(told.stdout.trim().split(' ').slice(0, 2).join(' '), key.publicKey, told.stderr);
  assert.equal(publicKeyOf(new Redacted(readFileSync(stage.hostKey, 'utf8'))), stage.hostPublicKey);
});

test('readHostKeys: the configuration of a real sshd -> its keys; a usable known_hosts', { skip }, async () => {
  await using stage = linkStage();
  assert.deepEqual(await readHostKeys(stage.host, { sshdConfig: stage.config }), [stage.hostPublicKey]);
});

test('a link through a real sshd', { skip, timeout: 120_000 }, async (t) => {
  await using stage = linkStage();
  await using sshd = await startSshd(stage);
  await using gateway = await gatewayStandIn();
  const key = generateLinkKey();
  const account = { user: stage.user, deployment };
  const line = authorizedLine({ publicKey: key.publicKey, gatewayPort: gateway.port, deployment, node: 'nas' });
  const mine = `${generateLinkKey().publicKey} me@laptop`;
  writeFileSync(stage.authorizedKeys, mine, { mode: 0o600 });
  const command = stage.command(key.privateKey, { port: sshd.port, gatewayPort: gateway.port });
  const statuses = async (using: readonly string[] = command): Promise<unknown> => statusesOf(stage, using);
  const keys = (): string => readFileSync(stage.authorizedKeys, 'utf8');

  await t.test('no line yet -> nothing is proven', async () => assert.deepEqual(await statuses(), UNKNOWN));
  await t.test('authorizeLink -> the line at the end, the rest as it was; a second time nothing', async () => {
    assert.equal((await inspectLink(stage.host, account, [line])).changed, true);
    assert.deepEqual((await authorizeLink(stage.host, account, [line])).written, ['nas']);
    assert.equal(keys(), `${mine}\n${line}\n`);
    assert.equal((await authorizeLink(stage.host, account, [line])).changed, false);
  });
  await t.test('untouched -> the gateway is reached and nothing else; a Unix socket is said to be open', async () =>
    assert.deepEqual(await statuses(), GOOD),
  );
  await t.test('the tunnel -> the gateway answers at its near end', async () => {
    const port = await freePort();
    const [program = '', ...args] = command.map((one) => one.replace(/^127\.0\.0\.1:\d+(?=:127\.)/, `127.0.0.1:${port}`));
    await using _tunnel = await stage.keepRunning(program, args, port);
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(5000) })).status, 200);
  });

  const weaker: readonly (readonly [string, RegExp, object])[] = [
    ['permitopen', /permitopen="[^"]*",/, { elsewhere: 'fail' }],
    ['permitlisten', /permitlisten="[^"]*",/, { reverse: 'fail' }],
    ['command', /,command="[^"]*"/, { exec: 'fail' }],
    ['port-forwarding', /port-forwarding,/, { ...UNKNOWN, forward: 'fail' }],
  ];
  for (const [name, option, changed] of weaker) {
    await t.test(`without ${name} -> exactly its probe fails, and authorizeLink repairs it`, async () => {
      writeFileSync(stage.authorizedKeys, keys().replace(option, ''));
      assert.deepEqual(await statuses(), { ...GOOD, ...changed });
      await authorizeLink(stage.host, account, [line]);
      assert.equal(keys(), `${mine}\n${line}\n`);
    });
  }
  await t.test('the key once more without options, before ours -> commands run; authorizeLink takes it out', async () => {
    writeFileSync(stage.authorizedKeys, `${key.publicKey} me\n${keys()}`);
    assert.deepEqual(await statuses(), { ...GOOD, exec: 'fail', elsewhere: 'fail', reverse: 'fail' });
    assert.deepEqual((await authorizeLink(stage.host, account, [line])).weaker, [1]);
    assert.equal(keys(), `${mine}\n${line}\n`);
  });
  await t.test('a client that believes any host -> the host key probe fails', async () => {
    for (const answer of ['no', 'accept-new']) {
      const trusting = command.map((one) => (one === 'StrictHostKeyChecking=yes' ? `StrictHostKeyChecking=${answer}` : one));
      assert.deepEqual(await statuses(trusting), { ...GOOD, 'host-key': 'fail' });
    }
  });
  await t.test('sshd refuses Unix sockets -> proven', async () => {
    await using strict = await startSshd(stage, ['-o', 'AllowStreamLocalForwarding=no']);
    assert.deepEqual(await statuses(stage.command(key.privateKey, { port: strict.port, gatewayPort: gateway.port })), {
      ...GOOD,
      'reverse-socket': 'pass',
    });
  });
  await t.test('another host answers at the address -> refused, nothing is proven', async () => {
    const hostKeys = [generateLinkKey().publicKey];
    const wrong = stage.command(key.privateKey, { port: sshd.port, gatewayPort: gateway.port, hostKeys });
    assert.deepEqual(await statuses(wrong), UNKNOWN);
    const { stderr } = await run(sshArgv(readTunnel(wrong), { command: ['true'] }), { timeoutMs: 10_000 });
    assert.match(stderr, /Host key verification failed/);
  });
  await t.test('the gateway is down -> no refusal counts as proven', async () => {
    await gateway.close();
    assert.deepEqual(await statuses(), UNKNOWN);
  });
  await t.test('withdrawLink -> the rest as it was, the key opens nothing', async () => {
    assert.deepEqual((await withdrawLink(stage.host, account)).removed, ['nas']);
    assert.equal(keys(), `${mine}\n`);
    assert.match((await run(sshArgv(readTunnel(command), { command: ['true'] }), { timeoutMs: 10_000 })).stderr, /Permission denied/);
    assert.equal((await withdrawLink(stage.host, account)).changed, false);
  });
});

async function statusesOf(stage: LinkStage, command: readonly string[]): Promise<Record<string, string>> {
  const proof = await proveLink(run, command);
  if (proof.leftOver !== undefined) await stage.host.remove(proof.leftOver);
  return Object.fromEntries(proof.judgements.map(({ id, status }) => [id, status]));
}
