import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { until } from '../../src/core/wait.ts';
import { providerKey } from '../lab/provider-keys.ts';
import { assertGone, pidsOf, rotateWell, startedAnew } from '../rotation/rotated.ts';
import { peerToken } from '../lab/peer-site.ts';
import { memoryOf } from '../support/memory.ts';
import { parseJson, setStage } from '../support/stage.ts';
import { memoryChapter } from './memory.ts';
import { A2A, peerChapter } from './peer.ts';

const FRIEND = 555_001;
const TELEGRAM = { botToken: { secret: 'telegram_bot_token' }, allowFrom: [String(FRIEND)] };
/** A key that the model's provider does not take. */
const FIRST_KEY = 'sk-ant-the-key-before-5d2e90b7c3fa';

const stage = await setStage();
after(async () => void (await stage.cli(['destroy', '--confirm', 'home'], { timeoutMs: 60_000 })));

const edit = (changes: Readonly<Record<string, unknown>>): void => {
  const document = parseDocument(readFileSync(stage.file, 'utf8'));
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) document.deleteIn(['gateways', 'main', key]);
    else document.setIn(['gateways', 'main', key], document.createNode(value));
  }
  writeFileSync(stage.file, document.toString());
};

const apply = async (changes: Readonly<Record<string, unknown>>): Promise<void> => {
  edit(changes);
  const applied = await stage.cli(['apply', '--yes', '--accept', 'exposure'], { timeoutMs: 180_000 });
  assert.equal(applied.code, 0, applied.stdout + applied.stderr);
};

const ask = (message: string, session = 'routes') => {
  const asked = ['agent', '--agent', 'main', '--session-id', session, '--message', message, '--timeout', '60', '--json'];
  return stage.runtime.inside('gateway-main', ['{node}', '{openclaw}', ...asked], { timeoutMs: 90_000 });
};

const OTHERS = [
  { provider: 'openai', id: 'gpt-5.5', asks: '/v1/responses' },
  { provider: 'openrouter', id: 'anthropic/claude-sonnet-5', asks: '/api/v1/chat/completions' },
  { provider: 'google', id: 'gemini-3.5-flash', asks: '/v1beta/models/gemini-3.5-flash:streamGenerateContent?alt=sse' },
] as const;

const USED_LIMITS = { minute: { requests: 500 }, day: { usd: 5 } };
const usedDocument = z.object({
  routes: z.array(
    z.object({
      gateway: z.string(),
      provider: z.string(),
      limits: z.unknown(),
      used: z.object({ day: z.object({ requests: z.number(), tokens: z.number(), usd: z.number() }) }),
    }),
  ),
});

const mark = async (): Promise<number> => (await stage.lab.ledger()).entries.at(-1)?.seq ?? 0;

/** Requests that reached the providers, with whether the key was the one that they take. */
const reached = async (path: RegExp, since = 0): Promise<readonly string[]> => {
  const { entries } = await stage.lab.ledger(since);
  const all = entries.flatMap((entry) =>
    entry.kind === 'request' && path.test(entry.path) ? [`${entry.method} ${entry.path} ${entry.key}`] : [],
  );
  return [...new Set(all)];
};

const scan = () =>
  memoryOf(statSync(join(stage.root, 'services/gateway-main/state')).uid, [
    { name: 'anthropic_api_key', value: stage.modelKey },
    { name: 'telegram_bot_token', value: stage.telegramToken },
    { name: 'worker_token', value: peerToken(stage.modelKey) },
    ...OTHERS.map(({ provider }) => ({ name: `${provider}_key`, value: providerKey(provider, stage.modelKey) })),
    // The positive control: the gateway has its own.
    { name: 'gateway token', value: readFileSync(join(stage.root, 'secrets/gateway-main-token'), 'utf8') },
  ]);

const secretsOf = (service: string) => readdirSync(join(stage.root, `services/${service}/secrets`)).toSorted();

test('apply: credentials: route -> the keys are secrets of the gate alone', async () => {
  await stage.cli(['secrets', 'set', 'anthropic_api_key'], { stdin: FIRST_KEY });
  await stage.cli(['secrets', 'set', 'telegram_bot_token'], { stdin: `${stage.telegramToken}\n` });
  await stage.cli(['secrets', 'set', 'worker_token'], { stdin: peerToken(stage.modelKey) });
  await apply({ channels: { telegram: TELEGRAM, a2a: A2A }, credentials: 'route' });
  assert.deepEqual(secretsOf('gateway-main'), ['gateway_token']);
  assert.deepEqual(secretsOf('gate'), ['anthropic_api_key', 'telegram_bot_token', 'worker_token']);
});

test('rotate secret: a key that the gate holds -> the gate alone is started anew, and the old one is nowhere', async (t) => {
  assert.equal(readFileSync(join(stage.root, 'services/gate/secrets/anthropic_api_key'), 'utf8'), FIRST_KEY);
  const before = await pidsOf(stage);
  const { findings, outages } = await rotateWell(stage, ['secret', 'anthropic_api_key'], stage.modelKey);
  t.diagnostic(JSON.stringify(outages));
  assert.deepEqual(
    findings.map(({ checkId, message }) => `${checkId}: ${message}`),
    ['rotate.secret: gate has the new value alone, and was started with it'],
  );
  assert.deepEqual(await startedAnew(stage, before), ['gate']);
  assertGone(stage, 'the old key', FIRST_KEY);
});

test('a turn that runs a command on the node -> the model is asked with the key of the gate, and nothing else of it', async () => {
  const { code, stdout, stderr } = await ask('run uname');
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /the tool said: .*nas/s);
  assert.deepEqual(await reached(/^\/v1\//), ['POST /v1/messages expected']);
});

test('a listed account writes to the bot -> the agent answers it, with the token of the gate', async () => {
  await stage.lab.writeToBot({ from: FRIEND, text: 'good morning' });
  const reply = await until(async () => (await stage.lab.sentByBot())[0], { timeoutMs: 60_000, everyMs: 100 });
  assert.equal(reply?.to, String(FRIEND));
  const asked = await reached(/^\/bot/);
  assert.ok(asked.includes('POST /bot.../sendMessage expected'), asked.join());
  assert.ok(
    asked.every((one) => one.endsWith(' expected')),
    asked.join(),
  );
});

peerChapter(stage, peerToken(stage.modelKey));

for (const { provider, id, asks } of OTHERS) {
  test(`${provider}: a turn -> asked in its own dialect, with the key of the gate, and counted`, async () => {
    const secret = `${provider}_key`;
    await stage.cli(['secrets', 'set', secret], { stdin: providerKey(provider, stage.modelKey) });
    await apply({ model: { provider, id, apiKey: { secret } } });
    const since = await mark();
    const { code, stdout, stderr } = await ask('hello', provider);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, new RegExp(`hello from the stand-in of ${provider}`));
    const asked = await reached(/^\/v1|^\/api\/v1/, since);
    // OpenClaw reads OpenRouter's list of models past the route, at the host that it knows, and needs no key for that.
    assert.deepEqual(
      asked.filter((one) => one !== 'GET /api/v1/models none'),
      [`POST ${asks} expected`],
    );
    const accounts = readFileSync(join(stage.root, 'services/gate/state/routes.json'), 'utf8');
    assert.match(accounts, new RegExp(`"gateway-main/${provider}":\\{"day":\\{"period":"[0-9-]+","requests":[1-9][0-9]*,"tokens":[1-9]`));
  });
}

test('openai: whatever a model is not asked for, embeddings among it -> 400, and nobody is asked', async () => {
  const secret = 'openai_key';
  await apply({ model: { provider: 'openai', id: 'gpt-5.5', apiKey: { secret } } });
  const program = `
    for (const path of ['embeddings', 'files', 'models'])
      console.log(path, (await fetch('http://127.0.0.1:3128/openai/v1/' + path, { method: 'POST', body: '{"model":"text-embedding-3-small","input":["a","b"]}' })).status);`;
  const since = await mark();
  const asked = await stage.runtime.inside('gateway-main', ['{node}', '--input-type=module', '-e', program], { timeoutMs: 20_000 });
  assert.equal(asked.stdout, 'embeddings 400\nfiles 400\nmodels 400\n', asked.stderr);
  assert.deepEqual(await reached(/embeddings|files|models/, since), []);
});

memoryChapter(stage, { apply, ask, mark, reached });

test('all memory of the gateway -> its own token, and no key of any provider nor a token of the bot or of the other agent', (t) => {
  const { processes, mib, found } = scan();
  t.diagnostic(`${mib} MiB of ${processes} processes`);
  assert.ok(processes > 0 && mib > 100, `${mib} MiB of ${processes} processes`);
  assert.deepEqual(found, ['gateway token']);
});

test('status: what each route has used, and what it may', async () => {
  await apply({ budget: { minute: { requests: 500 }, day: { usd: 5 } } });
  const { routes } = usedDocument.parse(parseJson((await stage.cli(['status', '--json'])).stdout));
  const [route, peer] = routes;
  assert.deepEqual([routes.length, route?.gateway, route?.provider, route?.limits], [2, 'main', 'openai', USED_LIMITS]);
  assert.deepEqual([peer?.provider, peer?.limits, peer?.used.day.usd], ['a2a-worker', {}, 0]);
  assert.ok(peer !== undefined && peer.used.day.requests >= 4, JSON.stringify(peer));
  assert.ok(route !== undefined && route.used.day.tokens > 1000 && route.used.day.usd > 0, JSON.stringify(routes));
  const { stdout } = await stage.cli(['status']);
  assert.match(
    stdout,
    / routes \(periods of UTC\)\n +gateway main +openai +\d+ of 500 requests this minute; today \d+ requests, \d+ tokens, 0\.\d\d of 5\.00 USD; /,
  );
});

test('a budget that allows nothing -> the turn ends at once, in the words of the gate; status says why', async () => {
  await apply({ budget: { minute: { requests: 0 } } });
  const since = await mark();
  const { code, stdout, stderr } = await ask('hello', 'refused');
  assert.notEqual(code, 0);
  assert.match(stdout + stderr, /daily budget for route openai is used up \(0 requests a minute\); resets \d\d:\d\d UTC/);
  assert.deepEqual(await reached(/^\/v1/, since), []);
  assert.match((await stage.cli(['status'])).stdout, /openai +0 of 0 requests this minute.* daily budget for route openai is used up/);
});

test('credentials: file, and nobody agreed to it -> exit 130, nothing is done; --yes is no agreement', async () => {
  const before = readFileSync(stage.file, 'utf8');
  edit({ credentials: 'file', budget: undefined, channels: { telegram: TELEGRAM } });
  const { code, stderr } = await stage.cli(['apply', '--yes']);
  assert.equal(code, 130, stderr);
  assert.match(stderr, /gateway main gets its keys as files, which its agent can read/);
  assert.match(stderr, /the budget of gateway main: 0 requests a minute is no longer a limit/);
  assert.deepEqual(secretsOf('gateway-main'), ['gateway_token']);
  writeFileSync(stage.file, before);
});

test('credentials: file, agreed to -> the same search finds all three', async () => {
  await apply({
    budget: undefined,
    credentials: 'file',
    channels: { telegram: TELEGRAM },
    model: { provider: 'anthropic', id: 'claude-sonnet-5', apiKey: { secret: 'anthropic_api_key' } },
    memory: { search: { provider: 'openai', apiKey: { secret: 'openai_key' } } },
  });
  const { code, stderr } = await ask('hello');
  assert.equal(code, 0, stderr);
  assert.deepEqual(scan().found, ['anthropic_api_key', 'gateway token', 'openai_key', 'telegram_bot_token']);
});
