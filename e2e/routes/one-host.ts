import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseDocument } from 'yaml';
import { until } from '../../src/core/wait.ts';
import { memoryOf } from '../support/memory.ts';
import { setStage } from '../support/stage.ts';

const FRIEND = 555_001;

const stage = await setStage();
after(async () => void (await stage.cli(['destroy', '--confirm', 'home'], { timeoutMs: 60_000 })));

const apply = async (changes: Readonly<Record<string, unknown>>): Promise<void> => {
  const document = parseDocument(readFileSync(stage.file, 'utf8'));
  for (const [key, value] of Object.entries(changes)) document.setIn(['gateways', 'main', key], document.createNode(value));
  writeFileSync(stage.file, document.toString());
  const applied = await stage.cli(['apply', '--yes', '--accept', 'exposure'], { timeoutMs: 180_000 });
  assert.equal(applied.code, 0, applied.stdout + applied.stderr);
};

const ask = (message: string) => {
  const asked = ['agent', '--agent', 'main', '--session-id', 'routes', '--message', message, '--timeout', '60', '--json'];
  return stage.runtime.inside('gateway-main', ['{node}', '{openclaw}', ...asked], { timeoutMs: 90_000 });
};

/** Requests that reached the providers, with whether the key was the one that they take. */
const reached = async (path: RegExp): Promise<readonly string[]> => {
  const { entries } = await stage.lab.ledger();
  const all = entries.flatMap((entry) =>
    entry.kind === 'request' && path.test(entry.path) ? [`${entry.method} ${entry.path} ${entry.key}`] : [],
  );
  return [...new Set(all)];
};

const scan = () =>
  memoryOf(statSync(join(stage.root, 'services/gateway-main/state')).uid, [
    { name: 'anthropic_api_key', value: stage.modelKey },
    { name: 'telegram_bot_token', value: stage.telegramToken },
    // The positive control: the gateway has its own.
    { name: 'gateway token', value: readFileSync(join(stage.root, 'secrets/gateway-main-token'), 'utf8') },
  ]);

const secretsOf = (service: string) => readdirSync(join(stage.root, `services/${service}/secrets`)).toSorted();

test('apply: credentials: route -> the keys are secrets of the gate alone', async () => {
  await stage.cli(['secrets', 'set', 'anthropic_api_key'], { stdin: `${stage.modelKey}\n` });
  await stage.cli(['secrets', 'set', 'telegram_bot_token'], { stdin: `${stage.telegramToken}\n` });
  const telegram = { botToken: { secret: 'telegram_bot_token' }, allowFrom: [String(FRIEND)] };
  await apply({ channels: { telegram }, credentials: 'route' });
  assert.deepEqual(secretsOf('gateway-main'), ['gateway_token']);
  assert.deepEqual(secretsOf('gate'), ['anthropic_api_key', 'telegram_bot_token']);
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

test('all memory of the gateway -> its own token, and neither the key nor the token of the bot', (t) => {
  const { processes, mib, found } = scan();
  t.diagnostic(`${mib} MiB of ${processes} processes`);
  assert.ok(processes > 0 && mib > 100, `${mib} MiB of ${processes} processes`);
  assert.deepEqual(found, ['gateway token']);
});

test('credentials: file -> the same search finds both', async () => {
  await apply({ credentials: 'file' });
  const { code, stderr } = await ask('hello');
  assert.equal(code, 0, stderr);
  assert.deepEqual(scan().found, ['anthropic_api_key', 'gateway token', 'telegram_bot_token']);
});
