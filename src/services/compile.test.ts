import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Deployment } from '../topology/deployment.ts';
import { compile } from './compile.ts';

const deployment: Deployment = {
  name: 'home',
  openclaw: '2026.9.6',
  image: 'image',
  hosts: [{ name: 'here', connect: { kind: 'local' } }],
  gateways: [
    {
      name: 'main',
      host: 'here',
      runtime: 'process',
      containment: 'full',
      diskMiB: 20_480,
      port: 18_789,
      bind: '127.0.0.1',
      credentials: 'route',
      model: { provider: 'anthropic', id: 'claude-sonnet-4-5', apiKey: { secret: 'anthropic_api_key' } },
    },
  ],
  nodes: [
    {
      name: 'nas',
      host: 'here',
      runtime: 'process',
      containment: 'full',
      diskMiB: 20_480,
      gateway: 'main',
      volumes: [],
      exec: [{ path: '/usr/bin/uname', args: '^-n$' }],
    },
  ],
  egress: { version: 1, deployment: 'home', mode: 'enforce', allow: [], deny: [] },
  warnings: [],
};

function inFiles(of: Deployment = deployment): Deployment {
  return { ...of, gateways: of.gateways.map((one) => ({ ...one, credentials: 'file' })) };
}

const nothing = { gateBundle: 'bundle', presentSecrets: new Set<string>(), deviceIds: new Map<string, string>() };

void test('compile: one gateway and one node -> gate, gateway, node in start order', () => {
  const services = compile(deployment, nothing);
  assert.deepEqual(
    services.map((one) => [one.name, one.network, one.after]),
    [
      ['gate', 'outside', []],
      ['gateway-main', 'none', ['gate']],
      ['node-nas', 'none', ['gate', 'gateway-main']],
    ],
  );
});

void test('compile: each client has a listener of its own at the gate, and the gate knows it by descriptor', () => {
  const [gate, gateway, node] = compile(deployment, nothing);
  assert.deepEqual(
    gate?.listeners.map((one) => one.name),
    ['control', 'egress-gateway-main', 'egress-node-nas'],
  );
  const config: unknown = JSON.parse(gate?.files.find((file) => file.name === 'gate.json')?.content ?? '');
  assert.deepEqual(config instanceof Object && 'listeners' in config && config.listeners, [
    { fd: 4, kind: 'control' },
    { client: 'gateway-main', fd: 5, kind: 'egress' },
    { client: 'node-nas', fd: 6, kind: 'egress' },
  ]);
  assert.ok(gateway?.forwards.every((one) => one.listener !== 'control'));
  assert.ok(node?.forwards.every((one) => one.listener !== 'control'));
});

void test("compile: a model's key that has no value -> neither the secret nor the model is rendered", () => {
  const without = compile(deployment, nothing).find((one) => one.role === 'gateway');
  assert.deepEqual(
    without?.secrets.map((one) => one.name),
    ['gateway-main-token'],
  );
  assert.doesNotMatch(without?.files[0]?.content ?? '', /claude/);
  const present = compile(inFiles(), { ...nothing, presentSecrets: new Set(['anthropic_api_key']) }).find((one) => one.role === 'gateway');
  assert.deepEqual(
    present?.secrets.map((one) => one.name),
    ['gateway-main-token', 'anthropic_api_key'],
  );
  assert.match(present?.files[0]?.content ?? '', /anthropic\/claude-sonnet-4-5/);
});

void test("compile: a channel's token has a value -> the channel and the token are the gateway's; until then neither is rendered", () => {
  const [gateway] = deployment.gateways;
  assert.ok(gateway);
  const telegram = { botToken: { secret: 'telegram_bot_token' }, allowFrom: ['123456'] };
  const withChannel = inFiles({ ...deployment, gateways: [{ ...gateway, channels: { telegram } }] });
  const compiled = (...present: readonly string[]) =>
    compile(withChannel, { ...nothing, presentSecrets: new Set(present) }).find((one) => one.role === 'gateway');
  assert.deepEqual(compiled('anthropic_api_key'), compile(inFiles(), { ...nothing, presentSecrets: new Set(['anthropic_api_key']) })[1]);
  const placed = compiled('telegram_bot_token');
  assert.deepEqual(placed?.secrets[1], { name: 'telegram_bot_token', file: 'telegram_bot_token' });
  assert.match(placed?.files[0]?.content ?? '', /"allowFrom": \[\s*"123456"\s*\]/);
});

void test('compile: routes -> the keys are the secrets of the gate alone, each with the client that may ask by it', () => {
  const [gateway] = deployment.gateways;
  assert.ok(gateway);
  const telegram = { botToken: { secret: 'telegram_bot_token' }, allowFrom: ['123456'] };
  const routed = { ...deployment, ca: 'PEM', gateways: [{ ...gateway, channels: { telegram } }] };
  const presentSecrets = new Set(['anthropic_api_key', 'telegram_bot_token']);
  const [gate, main, node] = compile(routed, { ...nothing, presentSecrets });
  const names = (of: typeof gate) => of?.secrets.map((one) => one.name);
  assert.deepEqual([names(gate), names(main), names(node)], [['anthropic_api_key', 'telegram_bot_token'], ['gateway-main-token'], []]);
  const settings: unknown = JSON.parse(gate?.files.find((file) => file.name === 'gate.json')?.content ?? '');
  assert.deepEqual(settings instanceof Object && 'routes' in settings && settings.routes, [
    { client: 'gateway-main', provider: 'anthropic', secretFile: '/secrets/anthropic_api_key' },
    { client: 'gateway-main', provider: 'telegram', secretFile: '/secrets/telegram_bot_token' },
  ]);
  assert.deepEqual(
    [gate?.env, gate?.files.at(-1)],
    [{ NODE_EXTRA_CA_CERTS: '/config/extra-ca.pem' }, { name: 'extra-ca.pem', content: 'PEM' }],
  );
  const one = compile(routed, { ...nothing, presentSecrets: new Set(['telegram_bot_token']) });
  assert.deepEqual(names(one[0]), ['telegram_bot_token']);
  assert.doesNotMatch(one[1]?.files[0]?.content ?? '', /anthropic/);
  // Nothing that the gate has to trust for, and nothing of the file's authority: the services look as without it.
  assert.deepEqual(compile(inFiles(routed), { ...nothing, presentSecrets })[0], compile(inFiles(), { ...nothing, presentSecrets })[0]);
});

for (const [situation, model, searched, routes] of [
  ['openai without its memory', 'openai', false, [{ provider: 'openai', secretFile: '/secrets/openai_key', only: ['responses'] }]],
  ['openai for both', 'openai', true, [{ provider: 'openai', secretFile: '/secrets/openai_key' }]],
  [
    'the memory by another provider',
    'anthropic',
    true,
    [
      { provider: 'anthropic', secretFile: '/secrets/anthropic_key' },
      { provider: 'openai', secretFile: '/secrets/openai_key', only: ['embeddings'] },
    ],
  ],
] as const) {
  void test(`compile: ${situation} -> routes that pass on no more, and one budget`, () => {
    const [gateway] = deployment.gateways;
    assert.ok(gateway);
    const budget = { day: { usd: 5 } };
    const memory = { search: { provider: 'openai', apiKey: { secret: 'openai_key' } } } as const;
    const main = {
      ...gateway,
      budget,
      model: { provider: model, id: 'm', apiKey: { secret: `${model}_key` } },
      ...(searched ? { memory } : {}),
    };
    const given = (...present: readonly string[]) =>
      compile({ ...deployment, gateways: [main] }, { ...nothing, presentSecrets: new Set(present) });
    const [gate, openclaw] = given('anthropic_key', 'openai_key');
    const settings: unknown = JSON.parse(gate?.files.find((file) => file.name === 'gate.json')?.content ?? '');
    const found = settings instanceof Object && 'routes' in settings ? settings.routes : [];
    assert.deepEqual(
      found,
      routes.map((one) => ({ client: 'gateway-main', ...one, budget })),
    );
    const config = openclaw?.files[0]?.content ?? '';
    assert.equal(config.includes('text-embedding-3-small'), searched);
    // OpenClaw takes it when it starts: an environment of its own, so that it is started anew.
    assert.equal(openclaw?.env['LOBSTERPOT_MEMORY_SEARCH'], searched ? 'openai' : undefined);
    assert.deepEqual(
      openclaw?.secrets.map((one) => one.name),
      ['gateway-main-token'],
    );
    // Without its key there is no search, and no route for it.
    const without = given('anthropic_key');
    assert.doesNotMatch(without.flatMap((one) => one.files.map((file) => file.content)).join(''), /openai_key|text-embedding/);
  });
}

void test('compile: a memory that is searched, with keys as files -> one more file of the gateway', () => {
  const search = { provider: 'openai', apiKey: { secret: 'openai_key' } } as const;
  const { gateways, ...rest } = inFiles();
  const present = { ...nothing, presentSecrets: new Set(['anthropic_api_key', 'openai_key']) };
  const [gate, openclaw] = compile({ ...rest, gateways: gateways.map((one) => ({ ...one, memory: { search } })) }, present);
  assert.deepEqual(gate?.secrets, []);
  assert.deepEqual(
    openclaw?.secrets.map((one) => one.file),
    ['gateway_token', 'anthropic_api_key', 'openai_key'],
  );
  assert.match(openclaw?.files[0]?.content ?? '', /"path": "\/secrets\/openai_key"/);
});

void test('compile: a peer -> its token is a secret of the gate alone, and OpenClaw asks on loopback', () => {
  const [gateway] = deployment.gateways;
  assert.ok(gateway);
  const peer = { name: 'worker', host: 'worker.example.org', port: 8443, path: '/a2a/v1' };
  const budget = { minute: { requests: 5 } };
  const channels = { a2a: { peers: [{ ...peer, token: { secret: 'worker_token' }, budget }] } };
  const asking = { ...deployment, gateways: [{ ...gateway, channels }] };
  const [gate, main] = compile(asking, { ...nothing, presentSecrets: new Set(['worker_token']) });
  assert.deepEqual(gate?.secrets, [{ name: 'worker_token', file: 'worker_token' }]);
  assert.deepEqual(
    main?.secrets.map((one) => one.name),
    ['gateway-main-token'],
  );
  const settings: unknown = JSON.parse(gate?.files.find((file) => file.name === 'gate.json')?.content ?? '');
  assert.deepEqual(settings instanceof Object && 'routes' in settings && settings.routes, [
    { client: 'gateway-main', provider: 'a2a', peer, secretFile: '/secrets/worker_token', budget },
  ]);
  assert.match(main?.files[0]?.content ?? '', /"url": "http:\/\/127\.0\.0\.1:3128\/a2a-worker\/a2a\/v1"/);
  // Until the token is there nothing of the peer is rendered.
  const without = compile(asking, nothing);
  assert.deepEqual(without, compile(deployment, nothing));
});

void test('compile: one secret for the model and a channel -> one file', () => {
  const [gateway] = deployment.gateways;
  assert.ok(gateway);
  const telegram = { botToken: { secret: 'anthropic_api_key' }, allowFrom: ['1'] };
  const both = inFiles({ ...deployment, gateways: [{ ...gateway, channels: { telegram } }] });
  const placed = compile(both, { ...nothing, presentSecrets: new Set(['anthropic_api_key']) }).find((one) => one.role === 'gateway');
  assert.equal(placed?.secrets.length, 2);
});

void test('compile: an enrolled node -> the gateway points exec at its device', () => {
  const before = compile(deployment, nothing).find((one) => one.role === 'gateway');
  const after = compile(deployment, { ...nothing, deviceIds: new Map([['nas', 'a'.repeat(64)]]) }).find((one) => one.role === 'gateway');
  assert.doesNotMatch(before?.files[0]?.content ?? '', /a{64}/);
  assert.match(after?.files[0]?.content ?? '', /a{64}/);
});

void test('compile: the same input -> the same bytes', () => {
  assert.equal(JSON.stringify(compile(deployment, nothing)), JSON.stringify(compile(structuredClone(deployment), nothing)));
});
