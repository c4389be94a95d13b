import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { INSIDE } from '../inside-paths.ts';
import { NODE_COMMANDS, gatewayCommand, nodeCommand } from './commands.ts';
import { gatewayEnvironment, nodeEnvironment } from './environment.ts';
import { gatewayConfig, type GatewayConfigInput } from './gateway-config.ts';
import { nodeConfig } from './node-config.ts';
import { providerApi, type Provider } from './providers.ts';

const asIs = { serializers: [(value: string) => value] };
const golden = (name: string): string => new URL(`golden/${name}`, import.meta.url).pathname;

const WITH_ALL: GatewayConfigInput = {
  publishedPort: 18789,
  model: { provider: 'anthropic', id: 'claude-sonnet-5', secret: 'anthropic_api_key' },
  node: { deviceId: 'd'.repeat(64) },
};

test('gatewayConfig: model and enrolled node -> golden', (t) => {
  t.assert.fileSnapshot(gatewayConfig(WITH_ALL), golden('gateway.json.golden'), asIs);
});

test('gatewayConfig: a model and a channel behind routes -> golden', (t) => {
  const routed: GatewayConfigInput = {
    publishedPort: 18789,
    model: { provider: 'anthropic', id: 'claude-sonnet-5' },
    channels: { telegram: { allowFrom: ['123456'] } },
  };
  t.assert.fileSnapshot(gatewayConfig(routed), golden('gateway-routes.json.golden'), asIs);
});

test('gatewayConfig: a memory that is searched -> golden', (t) => {
  const searched: GatewayConfigInput = { publishedPort: 18789, memory: { search: { provider: 'openai' } } };
  t.assert.fileSnapshot(gatewayConfig(searched), golden('gateway-memory.json.golden'), asIs);
});

const MEMORY = z.object({ memory: z.unknown(), secrets: z.object({ providers: z.record(z.string(), z.unknown()) }) });

test('gatewayConfig: a memory that is searched with a key of OpenClaw -> asked at its own address, the key by its file', () => {
  const searched: GatewayConfigInput = { publishedPort: 1, memory: { search: { provider: 'openai', secret: 'k' } } };
  const { memory, secrets } = MEMORY.parse(JSON.parse(gatewayConfig(searched)));
  const apiKey = { source: 'file', provider: 'memory_key', id: 'value' };
  const remote = { baseUrl: 'https://api.openai.com/v1', apiKey };
  assert.deepEqual(memory, {
    search: { enabled: true, provider: 'openai', model: 'text-embedding-3-small', remote, rememberAcrossConversations: false },
  });
  assert.deepEqual(secrets.providers['memory_key'], { source: 'file', path: '/secrets/k', mode: 'singleValue' });
});

test('gatewayConfig: alone -> golden', (t) => {
  t.assert.fileSnapshot(gatewayConfig({ publishedPort: 18789 }), golden('gateway-alone.json.golden'), asIs);
});

test('nodeConfig: -> golden', (t) => {
  t.assert.fileSnapshot(nodeConfig(), golden('node.json.golden'), asIs);
});

const EXEC = z.object({ tools: z.object({ exec: z.record(z.string(), z.unknown()) }) });

for (const [what, node, exec] of [
  ['no node', undefined, { host: 'node', mode: 'deny' }],
  ['a node that is not enrolled yet', {}, { host: 'node', mode: 'allowlist' }],
  ['an enrolled node', { deviceId: 'x' }, { host: 'node', mode: 'allowlist', node: 'x' }],
] as const) {
  test(`gatewayConfig: ${what} -> exec ${JSON.stringify(exec)}`, () => {
    const config = EXEC.parse(JSON.parse(gatewayConfig({ publishedPort: 1, ...(node ? { node } : {}) })));
    assert.deepEqual(config.tools.exec, { ...exec, notifyOnExit: false, safeBins: [] });
  });
}

test('nodeConfig: OpenClaw 2026.9.4 -> nothing of an update that it does not make', () => {
  assert.equal(nodeConfig('2026.9.6'), nodeConfig());
  assert.equal(nodeConfig('2026.9.4').includes('autoUpdate'), false);
});

const CODE_MODE = z.object({ tools: z.object({ codeMode: z.record(z.string(), z.unknown()) }) });

for (const [openclaw, expected] of [
  [undefined, { executor: 'quickjs' }],
  ['2026.9.6', { executor: 'quickjs' }],
  ['2026.9.4', {}],
] as const) {
  test(`gatewayConfig: OpenClaw ${openclaw ?? 'of today'} -> agents' code: ${JSON.stringify(expected)}`, () => {
    const config = CODE_MODE.parse(JSON.parse(gatewayConfig({ publishedPort: 1, ...(openclaw === undefined ? {} : { openclaw }) })));
    assert.deepEqual(config.tools.codeMode, { enabled: 'auto', ...expected });
  });
}

for (const provider of ['anthropic', 'openai', 'openrouter', 'google'] as const satisfies readonly Provider[]) {
  test(`gatewayConfig: provider ${provider} -> its dialect is written down and the key is a reference`, () => {
    const text = gatewayConfig({ publishedPort: 1, model: { provider, id: 'm', secret: 'k' } });
    assert.ok(text.includes(`"api": "${providerApi(provider).api}"`));
    assert.ok(text.includes('"path": "/secrets/k"'));
    assert.ok(text.includes(`"primary": "${provider}/m"`));
  });

  test(`gatewayConfig: provider ${provider} behind a route -> the gate's door, a key that is none, and no reference to one`, () => {
    const text = gatewayConfig({ publishedPort: 1, model: { provider, id: 'm' } });
    assert.ok(text.includes(`"api": "${providerApi(provider).api}"`));
    assert.ok(text.includes(`"baseUrl": "http://127.0.0.1:3128/${provider}${providerApi(provider).path}"`));
    assert.ok(text.includes('"apiKey": "held-by-the-gate"'));
    assert.ok(!text.includes('https://') && !text.includes('model_key'));
  });
}

test('environments: no secret and nothing inherited -> the listed names alone', () => {
  const names = Object.keys(gatewayEnvironment({ hasCa: true }));
  assert.deepEqual(names, names.toSorted());
  assert.equal(gatewayEnvironment({ hasCa: true })['NODE_EXTRA_CA_CERTS'], '/config/extra-ca.pem');
  assert.equal(gatewayEnvironment({ hasCa: false })['NODE_EXTRA_CA_CERTS'], undefined);
  assert.equal(nodeEnvironment({ hasCa: false })['OPENCLAW_CONFIG_PATH'], '/config/openclaw.json');
  for (const name of [...names, ...Object.keys(nodeEnvironment({ hasCa: true }))]) assert.doesNotMatch(name, /TOKEN|KEY|SECRET|PASSWORD/);
});

test('commands: the node offers four commands and dials its link', () => {
  assert.deepEqual([...NODE_COMMANDS], NODE_COMMANDS.toSorted());
  assert.ok(!NODE_COMMANDS.some((one) => one.includes('execApprovals.set')));
  assert.deepEqual(gatewayCommand(), ['{node}', '{openclaw}', 'gateway', 'run']);
  assert.deepEqual(nodeCommand('nas').slice(2, 9), ['node', 'run', '--host', '127.0.0.1', '--port', String(INSIDE.linkPort), '--no-tls']);
});
