import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayClient } from '@openclaw/gateway-client';
import { until } from '../core/wait.ts';
import { Redacted } from '../core/redacted.ts';
import { NODE_COMMANDS, NODE_READY_LINE, nodeCommand } from './config/commands.ts';
import { gatewayConfig } from './config/gateway-config.ts';
import { applyExecPolicy, enrolNode, type EnrolInput } from './enrol.ts';
import { execOnNode } from './exec.ts';
import { execPolicyDrift } from './exec-policy-drift.ts';
import type { ExecRule } from './exec-policy.ts';
import { observeNodes } from './observe-nodes.ts';
import { withGateway, type GatewayRpc } from './rpc.ts';
import type { BareService } from './testing/bare-service.ts';
import { BareStack, onceIn } from './testing/bare-stack.ts';
import { ModelRoute } from './testing/model-route.ts';
import { testRuntime } from './testing/test-runtime.ts';

const RULES: readonly ExecRule[] = [{ path: '/usr/bin/uname', args: '^-n$' }];
const MODEL = { provider: 'anthropic', id: 'claude-sonnet-5', secret: 'anthropic_api_key' } as const;
const ROUTED = { provider: 'anthropic', id: 'claude-sonnet-5' } as const;

let route: ModelRoute;
let stack: BareStack;
let nas: BareService;
let deviceId = '';

before(async () => {
  route = await ModelRoute.start();
  stack = await BareStack.start(await testRuntime(), { model: ROUTED, node: {} }, route.port);
  nas = stack.node('nas');
});

after(async () => {
  await stack[Symbol.asyncDispose]();
  route.close();
});

function input(rpc: GatewayRpc, node = nas, name = 'nas'): EnrolInput {
  return { once: onceIn(node), rpc, service: `node-${name}`, name, rules: RULES, inside: node.inside };
}

async function connected(rpc: GatewayRpc, id: string): Promise<void> {
  const seen = await until(async () => ((await rpc.nodes()).some((one) => one.nodeId === id && one.connected) ? true : undefined), {
    timeoutMs: 60_000,
    everyMs: 250,
  });
  assert.ok(seen, `node is not connected:\n${nas.log()}`);
}

for (const [what, model, node, channels] of [
  ['everything', MODEL, { deviceId: 'a'.repeat(64) }],
  ['openai', { provider: 'openai', id: 'gpt-5.5', secret: 'a-key.2' }, undefined],
  ['openrouter', { provider: 'openrouter', id: 'anthropic/claude-sonnet-5', secret: 'k' }, undefined],
  ['google', { provider: 'google', id: 'gemini-3.5-flash', secret: 'k' }, {}],
  ['a route', ROUTED, undefined, { telegram: { allowFrom: ['7'] }, a2a: { peers: [{ name: 'w', route: 'a2a-w', path: '/a2a/v1' }] } }],
  ['alone', undefined, undefined],
] as const) {
  test(`gatewayConfig: ${what} -> OpenClaw finds it valid, without a warning`, async () => {
    const file = join(stack.gateway.inside.config, `candidate-${what}.json`);
    writeFileSync(
      file,
      gatewayConfig({ publishedPort: 18789, ...(model ? { model } : {}), ...(node ? { node } : {}), ...(channels ? { channels } : {}) }),
    );
    assert.deepEqual(await validate(stack.gateway, file), { valid: true, warnings: [] });
  });
}

const turn = (session: string) => {
  const asked = ['agent', '--agent', 'main', '--session-id', session, '--message', 'hello', '--timeout', '60', '--json'];
  return stack.gateway.once(['{node}', '{openclaw}', ...asked], { timeoutMs: 90_000 });
};

test('a turn behind a route -> asked on loopback, in one dialect, with a key that is none', async () => {
  const { code, stdout, stderr } = await turn('one');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /hello from behind the route/);
  assert.deepEqual(
    [...new Set(route.seen.map(({ line, key, stream }) => `${line} ${key} ${stream}`))],
    ['POST /anthropic/v1/messages held-by-the-gate true'],
  );
});

test('a turn that a budget ends -> told in the words of the gate, asked once; the next turn works at once', async () => {
  for (const amount of ['100.00 USD this month); resets 2026-12-01 00:00 UTC', '30 requests a minute); resets 12:01 UTC']) {
    const before = route.seen.length;
    route.refusal = `the gate: daily budget for route anthropic is used up (${amount}`;
    const refused = await turn('two');
    assert.notEqual(refused.code, 0);
    assert.ok((refused.stdout + refused.stderr).includes(route.refusal), refused.stdout + refused.stderr);
    // The recap of the turn before, by another model, may still be asked for.
    assert.equal(route.seen.slice(before).filter(({ model }) => model === ROUTED.id).length, 1);
    route.refusal = undefined;
  }
  assert.equal((await turn('three')).code, 0);
});

test('nodeConfig: -> OpenClaw finds it valid, without a warning', async () => {
  assert.deepEqual(await validate(nas, join(nas.inside.config, 'openclaw.json')), { valid: true, warnings: [] });
});

/** Started through a small program because the path of the config comes from the environment. */
async function validate(service: BareService, file: string): Promise<unknown> {
  const program = `process.env.OPENCLAW_CONFIG_PATH = process.argv[2]; const { spawnSync } = require('node:child_process'); const r = spawnSync(process.execPath, [process.argv[1], 'config', 'validate', '--json'], { encoding: 'utf8' }); process.stdout.write(r.stdout); process.stderr.write(r.stderr);`;
  const result = await service.once(['{node}', '--eval', program, '{openclaw}', file], { timeoutMs: 60_000 });
  const { path: _path, ...rest } = JSON.parse(result.stdout);
  return rest;
}

test('withGateway: a wrong token -> a problem', async () => {
  const address = { ...stack.address, token: new Redacted(randomBytes(24).toString('hex')) };
  await assert.rejects(
    withGateway(address, (rpc) => rpc.health()),
    { code: 'openclaw/gateway-connect' },
  );
});

test('enrolNode: a new node, then again -> enrolled once', async () => {
  await withGateway(stack.address, async (rpc) => {
    await rpc.health();
    const first = await enrolNode(input(rpc));
    assert.equal(first.changed, true);
    assert.match(first.deviceId, /^[0-9a-f]{64}$/);
    deviceId = first.deviceId;
    const second = await enrolNode(input(rpc));
    assert.deepEqual(second, { deviceId, changed: false });
    const { nodes, strangers } = await observeNodes(rpc, [{ name: 'nas', deviceId }]);
    assert.equal(nodes[0]?.state, 'enrolled');
    assert.deepEqual(strangers, []);
  });
});

test('nodeCommand: after enrolment -> says the ready line and is connected, with no token given', async () => {
  stack.gateway.config(
    'openclaw.json',
    gatewayConfig({ publishedPort: stack.port, model: MODEL, node: { deviceId } }, stack.gateway.inside),
  );
  nas.start(nodeCommand('nas', nas.inside));
  assert.ok(await nas.said(NODE_READY_LINE, 60_000), nas.log());
  await withGateway(stack.address, (rpc) => connected(rpc, deviceId));
});

const CALLS: readonly (readonly [readonly string[], boolean])[] = [
  [['/usr/bin/uname', '-n'], true],
  [['/usr/bin/uname', '-a'], false],
  [['/usr/bin/uname', '-n', '-a'], false],
  [['/usr/bin/uname'], false],
  [['/usr/bin/id'], false],
  [['/bin/sh', '-c', '/usr/bin/id'], false],
  [['/bin/sh', '-c', '/usr/bin/uname -n; /usr/bin/id'], false],
  [['/bin/sh', '-c', '/usr/bin/uname -n > /tmp/x'], false],
  [['/bin/sh', '-c', '/usr/bin/uname $(/usr/bin/id)'], false],
  [['/usr/bin/env', '/usr/bin/id'], false],
  [['/usr/bin/head', '-c', '1', '/etc/passwd'], false],
  [['/usr/bin/head', '-c', '1'], false],
  [['head', '-c', '1'], false],
  [['/usr/bin/sort'], false],
  [['/usr/bin/wc'], false],
  [['/usr/bin/tr', 'a', 'b'], false],
  [['/usr/bin/cut', '-c1'], false],
  [['/usr/bin/find', '/', '-maxdepth', '0'], false],
  [['/usr/bin/../bin/id'], false],
  [['/proc/self/exe', '--version'], false],
];

test('execOnNode: allowed and other commands -> the rules and nothing else, and no agent wakes', async () => {
  const before = stack.gateway.log().length;
  await withGateway(stack.address, async (rpc) => {
    const seen = [];
    for (const [command] of CALLS) {
      const outcome = await execOnNode(rpc, { nodeId: deviceId, command, timeoutMs: 10_000 });
      seen.push([command, outcome.kind === 'ran']);
    }
    assert.deepEqual(seen, CALLS);
    const outcome = await execOnNode(rpc, { nodeId: deviceId, command: ['/usr/bin/uname', '-n'], timeoutMs: 10_000 });
    assert.equal(outcome.kind === 'ran' && outcome.exitCode, 0);
  });
  // A woken agent run shows within a second or two.
  await sleep(4000);
  assert.doesNotMatch(stack.gateway.log().slice(before), /agent\/embedded|chatId=heartbeat|embedded run/);
});

test('applyExecPolicy: other rules for a running node -> in force at once, and drift is seen', async () => {
  const other = [{ path: '/usr/bin/id', args: '^-u$' }];
  await withGateway(stack.address, async (rpc) => {
    assert.equal(execPolicyDrift(await rpc.execPolicy(deviceId), RULES), undefined);
    await applyExecPolicy({ ...input(rpc), rules: other });
    const kinds = [];
    for (const command of [
      ['/usr/bin/id', '-u'],
      ['/usr/bin/uname', '-n'],
    ])
      kinds.push((await execOnNode(rpc, { nodeId: deviceId, command, timeoutMs: 10_000 })).kind);
    assert.deepEqual(kinds, ['ran', 'refused']);
    assert.match(execPolicyDrift(await rpc.execPolicy(deviceId), RULES) ?? '', /allow-list/);
    await applyExecPolicy({ ...input(rpc), rules: [] });
    assert.equal((await execOnNode(rpc, { nodeId: deviceId, command: ['/usr/bin/id', '-u'], timeoutMs: 10_000 })).kind, 'refused');
    await applyExecPolicy(input(rpc));
  });
});

test('execPolicy: the gateway asks to change the policy of the node -> it cannot', async () => {
  await withGateway(stack.address, async (rpc) => {
    const answer = await rpc.invoke(deviceId, 'system.execApprovals.set', { file: { version: 1 } }, 10_000);
    assert.equal(answer.ok, false);
    assert.equal(execPolicyDrift(await rpc.execPolicy(deviceId), RULES), undefined);
  });
});

test('a node that is not in the file but holds the gateway token -> stays outside and is named', async () => {
  const intruder = stack.node('intruder', { OPENCLAW_GATEWAY_TOKEN: stack.address.token.reveal() });
  intruder.start(nodeCommand('nas', intruder.inside));
  assert.ok(await intruder.said('pairing required', 60_000), intruder.log());
  await withGateway(stack.address, async (rpc) => {
    const { nodes, strangers } = await observeNodes(rpc, [{ name: 'nas', deviceId }]);
    assert.equal(nodes[0]?.state, 'enrolled');
    assert.deepEqual(
      strangers.map((one) => [one.standing, one.displayName]),
      [['asking', 'nas']],
    );
    assert.deepEqual(
      (await rpc.nodes()).filter((one) => one.connected).map((one) => one.nodeId),
      [deviceId],
    );
    await rpc.rejectDevice(strangers[0]?.requestId ?? '');
  });
  assert.ok(!intruder.log().includes(NODE_READY_LINE));
  await intruder.stop();
});

test('a node without any device identity but with the gateway token -> is no node of the gateway', async () => {
  const end = Promise.withResolvers<string>();
  const client = new GatewayClient({
    url: stack.address.url,
    token: stack.address.token.reveal(),
    role: 'node',
    mode: 'node',
    clientName: 'node-host',
    scopes: [],
    commands: [...NODE_COMMANDS],
    deviceIdentity: null,
    minProtocol: 4,
    maxProtocol: 4,
    onHelloOk: () => end.resolve('in'),
    onConnectError: (error) => end.resolve(`refused: ${error.message}`),
  });
  client.start();
  try {
    assert.match(await end.promise, /^refused/);
    await withGateway(stack.address, async (rpc) => assert.equal((await rpc.nodes()).length, 1));
  } finally {
    await client.stopAndWait({ timeoutMs: 2000 });
  }
});

test('a join code that was used -> gives nothing to a second device', async () => {
  await withGateway(stack.address, async (rpc) => {
    const setup = await rpc.mintNodeSetup();
    const first = await fetch(setup.joinUrl);
    assert.equal(first.status, 200);
    await first.body?.cancel();
    const second = await fetch(setup.joinUrl);
    assert.notEqual(second.status, 200);
    await second.body?.cancel();
  });
});

test('enrolNode: the device was removed on the gateway -> enrolled again under its own identity', async () => {
  await nas.stop();
  await withGateway(stack.address, async (rpc) => {
    await rpc.removeDevice(deviceId);
    assert.equal((await observeNodes(rpc, [{ name: 'nas', deviceId }])).nodes[0]?.state, 'missing');
    const again = await enrolNode(input(rpc));
    assert.deepEqual(again, { deviceId, changed: true });
    nas.start(nodeCommand('nas', nas.inside));
    await connected(rpc, deviceId);
  });
});
