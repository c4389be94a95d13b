import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { Ledger } from './contact.ts';
import { telegramServer } from './telegram-server.ts';

const TOKEN = '4242:lab-token';
const reply = z.object({ ok: z.boolean(), result: z.unknown().optional(), error_code: z.number().optional() });
const updates = z.array(
  z.object({
    update_id: z.number(),
    message: z.object({ text: z.string(), from: z.object({ id: z.number() }), chat: z.object({ type: z.string() }) }),
  }),
);

describe('telegramServer', () => {
  const ledger = new Ledger();
  const telegram = telegramServer(TOKEN, ledger);
  const server = createServer((request, response) => telegram.handle(request, response));
  let base = '';
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  });
  after(() => server.close());

  const call = async (path: string, body?: unknown): Promise<z.infer<typeof reply>> => {
    const response = await fetch(base + path, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) });
    const parsed = reply.parse(await response.json());
    assert.equal(response.status, parsed.error_code ?? 200);
    return parsed;
  };
  const poll = async (offset: number, timeout: number) =>
    updates.parse((await call(`/bot${TOKEN}/getUpdates`, { offset, timeout })).result);

  for (const { name, path, error } of [
    { name: 'its token', path: `/bot${TOKEN}/getMe`, error: undefined },
    { name: 'another token', path: '/bot4242:other/getMe', error: 401 },
    { name: 'no token', path: '/getMe', error: 404 },
  ]) {
    test(`getMe: ${name} -> ${error ?? 'the bot'}, and no token in the ledger`, async () => {
      assert.equal((await call(path)).error_code, error);
      assert.ok(!JSON.stringify(ledger.since(0)).includes('4242:'));
    });
  }

  test('getUpdates: a message that waits -> at once, again, until an offset confirms it', async () => {
    telegram.write({ from: 7, text: 'first' });
    const [first] = await poll(0, 0);
    assert.deepEqual([first?.message.text, first?.message.from.id, first?.message.chat.type], ['first', 7, 'private']);
    assert.deepEqual(await poll(0, 5), [first]);
    assert.deepEqual(await poll((first?.update_id ?? 0) + 1, 0), []);
  });

  test('getUpdates: a message that comes while it waits -> handed over', async () => {
    const waiting = poll(0, 5);
    await new Promise((resolve) => setTimeout(resolve, 50));
    telegram.write({ from: 8, text: 'second' });
    const found = await waiting;
    assert.deepEqual(
      found.map((one) => one.message.text),
      ['second'],
    );
    await poll((found[0]?.update_id ?? 0) + 1, 0);
  });

  test('getUpdates: a second reader -> the first one is told so', async () => {
    const first = call(`/bot${TOKEN}/getUpdates`, { timeout: 5 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(await poll(0, 0), []);
    assert.equal((await first).error_code, 409);
  });

  test('sendMessage: -> kept for the test; anything else is taken and forgotten', async () => {
    assert.equal((await call(`/bot${TOKEN}/sendChatAction`, { chat_id: '7', action: 'typing' })).result, true);
    assert.equal((await call(`/bot${TOKEN}/sendMessage`, { chat_id: '7' })).error_code, 400);
    await call(`/bot${TOKEN}/sendMessage`, { chat_id: 7, text: 'hello' });
    assert.deepEqual(telegram.sent(), [{ to: '7', text: 'hello' }]);
  });
});
