import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { until } from '../../src/core/wait.ts';
import type { TelegramReply } from '../lab/telegram-server.ts';
import { reach } from '../support/reach.ts';
import { parseJson, statusOf, type Stage } from '../support/stage.ts';
import { decisionsIn } from '../support/trail.ts';

const FRIEND = 555_001;
const STRANGER = 666_002;
const REPLY_MS = 60_000;

const planDocument = z.object({ changes: z.array(z.looseObject({ kind: z.string(), path: z.string().optional() })) });

/** A Telegram bot is added to the running gateway: who is listed is answered, nobody else is heard. */
export function channelChapter(stage: Stage): void {
  const requests = async (path: RegExp) => {
    const { entries } = await stage.lab.ledger();
    return entries.flatMap((entry) => (entry.kind === 'request' && path.test(entry.path) ? [entry] : []));
  };
  const answerTo = async (from: number, text: string): Promise<TelegramReply | undefined> => {
    const before = (await stage.lab.sentByBot()).length;
    await stage.lab.writeToBot({ from, text });
    return until(async () => (await stage.lab.sentByBot())[before], { timeoutMs: REPLY_MS, everyMs: 100 });
  };

  test('channel: in the file, without its token -> all but its host stays as it is, and status says what it waits for', async () => {
    const document = parseDocument(readFileSync(stage.file, 'utf8'));
    const telegram = { botToken: { secret: 'telegram_bot_token' }, allowFrom: [String(FRIEND)] };
    document.setIn(['gateways', 'main', 'channels'], document.createNode({ telegram }));
    writeFileSync(stage.file, document.toString());
    const { changes } = planDocument.parse(parseJson((await stage.cli(['plan', '--json'])).stdout));
    assert.deepEqual(
      changes.map(({ kind, path }) => `${kind} ${path}`),
      ['write-file services/gate/config/policy.json'],
    );
    const up = await stage.cli(['up', '--yes', '--accept', 'exposure'], { timeoutMs: 120_000 });
    assert.equal(up.code, 0, up.stderr);
    const waits = /waits for a secret\n +gateway main +telegram +npx lobsterpot secrets set telegram_bot_token /;
    assert.match(up.stdout, waits);
    const { code, stdout } = await stage.cli(['status']);
    assert.match(stdout, waits);
    assert.equal(code, 0);
    assert.deepEqual(await requests(/^\/bot/), []);
  });

  test('channel: its token is set -> up brings it in, the bot asks for messages with the token of the file', async () => {
    const set = await stage.cli(['secrets', 'set', 'telegram_bot_token'], { stdin: `${stage.telegramToken}\n` });
    assert.match(set.stdout, /stored telegram_bot_token \(used by gate;/, set.stderr);
    const up = await stage.cli(['up', '--yes'], { timeoutMs: 180_000 });
    assert.equal(up.code, 0, up.stdout + up.stderr);
    assert.doesNotMatch(up.stdout, /waits for a secret/);
    const asked = await until(async () => (await requests(/\/getUpdates$/))[0], { timeoutMs: REPLY_MS, everyMs: 200 });
    assert.ok(asked, (await stage.cli(['logs', 'main'])).stdout);
    assert.deepEqual([asked.host, asked.key], ['api.telegram.org', 'expected']);
    assert.equal((await stage.cli(['plan'])).code, 0);
    // A new secret starts the gateway anew; its node comes back by itself.
    const well = await until(async () => ((await statusOf(stage)).code === 0 ? true : undefined), { timeoutMs: REPLY_MS, everyMs: 500 });
    assert.ok(well, JSON.stringify(await statusOf(stage)));
  });

  test('channel: a listed account writes -> the agent answers it, through the model', async () => {
    await stage.lab.setRules([{ when: 'knock knock', reply: { kind: 'text', text: 'who is there, friend' } }]);
    const turns = (await requests(/^\/v1\/messages/)).length;
    assert.deepEqual(await answerTo(FRIEND, 'knock knock'), { to: String(FRIEND), text: 'who is there, friend' });
    assert.ok((await requests(/^\/v1\/messages/)).length > turns);
  });

  test('channel: another account writes -> no turn, no answer, no sign of life', async () => {
    // What follows the last answer (a recap of it) is over when nothing was asked for a while.
    const turns = await quiet(async () => (await requests(/^\/v1\/messages/)).length);
    const [sent, actions] = [await stage.lab.sentByBot(), await requests(/\/send/)];
    await stage.lab.writeToBot({ from: STRANGER, text: 'knock knock' });
    await stage.lab.writeToBot({ from: STRANGER, text: '/start' });
    const taken = (await requests(/\/getUpdates$/)).length;
    assert.ok(
      await until(async () => (await requests(/\/getUpdates$/)).length > taken || undefined, { timeoutMs: REPLY_MS, everyMs: 100 }),
    );
    assert.equal(await quiet(async () => (await requests(/^\/v1\/messages/)).length), turns);
    assert.deepEqual([await stage.lab.sentByBot(), await requests(/\/send/)], [sent, actions]);
    // The positive control: the channel lives, and was not merely slow.
    assert.equal((await answerTo(FRIEND, 'knock knock'))?.to, String(FRIEND));
  });

  test('channel: a listed account asks to pair a device or to change the configuration -> it does not get that', async () => {
    for (const { text, refused } of [
      { text: '/pair', refused: /requires gateway scope: operator\.pairing/ },
      { text: '/config set gateway.bind=lan', refused: /not authorized to use this owner-only command/ },
    ]) {
      const answer = await answerTo(FRIEND, text);
      assert.match(answer?.text ?? '', refused, text);
    }
  });

  test("channel: its host -> the gateway's alone, in force and in the trail", async () => {
    assert.equal(await reach(stage, 'node-nas', 'api.telegram.org'), 'HTTP/1.1 403 Forbidden');
    const decisions = decisionsIn(stage.root).filter((one) => one.host === 'api.telegram.org');
    const seen = new Set(decisions.map((one) => `${one.client} ${one.port} ${one.verdict} ${one.reason}`));
    assert.deepEqual([...seen].toSorted(), ['gateway-main 443 allow rule', 'node-nas 443 deny no-rule']);
    assert.equal(
      (await requests(/^\/bot/)).every((one) => one.key === 'expected'),
      true,
    );
  });
}

/** A number once it has stayed the same for three seconds. */
async function quiet(read: () => Promise<number>): Promise<number> {
  for (let last = await read(); ;) {
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const now = await read();
    if (now === last) return now;
    last = now;
  }
}
