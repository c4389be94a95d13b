import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { until } from '../../../src/core/wait.ts';
import { talk } from '../gate-client.ts';
import { asking, KEY, OTHER, routed } from './routed.ts';
import { API, endsOf, gateWith, lab, ledgerMark, MAIN, statusOf, trailOf } from './setup.ts';

test('budget: what the provider says of each answer -> counted, refused beyond, and kept over a kill', async () => {
  const route = { client: MAIN, provider: 'anthropic', key: KEY };
  const budget = { day: { usd: 0.004 } };
  const gate = await routed({ routes: [{ ...route, budget }] });
  for (const _ of [1, 2]) assert.match(await talk(gate.path(MAIN), asking('hi')), /^HTTP\/1\.1 200 /);
  const ends = await endsOf(gate, 2);
  // 1000 tokens in and 20 out, at 2 and 10 dollars a million.
  assert.deepEqual(
    ends.map(({ tokens, usd }) => [tokens, usd]),
    [
      [1020, 0.0022],
      [1020, 0.0022],
    ],
  );
  const said = 'the gate: daily budget for route anthropic is used up (0.00 USD); resets 00:00 UTC';
  const before = await ledgerMark();
  const answer = await talk(gate.path(MAIN), asking('hi'));
  assert.match(answer, /^HTTP\/1\.1 429 /);
  assert.doesNotMatch(answer, /retry-after/i);
  assert.deepEqual(JSON.parse(answer.split('\r\n\r\n')[1] ?? ''), { type: 'error', error: { type: 'rate_limit_error', message: said } });
  assert.deepEqual([trailOf(gate).at(-1)?.['reason'], trailOf(gate).at(-1)?.['detail']], ['limit', said.slice('the gate: '.length)]);
  await gate.kill('SIGKILL');
  const again = await routed({ routes: [{ ...route, budget }], folder: gate.folder });
  assert.match(await talk(again.path(MAIN), asking('hi')), /^HTTP\/1\.1 429 /);
  assert.deepEqual((await lab.ledger(before)).entries, []);
});

test('budget: requests a minute -> what is beyond is refused, counted before it is answered, and told in the status', async () => {
  const budget = { minute: { requests: 2 } };
  const gate = await routed({ routes: [{ client: MAIN, provider: 'anthropic', key: KEY, budget }] });
  await lab.setRules([{ when: 'stop', reply: { kind: 'stall' } }]);
  // Not at the end of a minute, which would begin to count anew.
  const left = 60_000 - (Date.now() % 60_000);
  if (left < 3000) await new Promise((resolve) => setTimeout(resolve, left));
  const open = [0, 1].map(() => {
    const socket = connect({ path: gate.path(MAIN) }).on('error', () => {});
    socket.write(asking('stop'));
    return socket;
  });
  await Promise.all(open.map((socket) => new Promise((resolve) => socket.once('data', resolve))));
  const answer = await talk(gate.path(MAIN), asking('hi'));
  assert.match(answer, /^HTTP\/1\.1 429 [^]*daily budget for route anthropic is used up \(2 requests a minute\); resets \d\d:\d\d UTC/);
  for (const socket of open) socket.destroy();
  const [route] = (await statusOf(gate)).routes ?? [];
  assert.deepEqual([route?.client, route?.provider, route?.limits, route?.used?.minute.requests], [MAIN, 'anthropic', budget, 2]);
  assert.match(route?.closed ?? '', /2 requests a minute/);
});

test('budget: two providers of one client -> one budget for both; another client has its own', async () => {
  const budget = { day: { requests: 2 } };
  const both = ['anthropic', 'openai'].map((provider) => ({ client: MAIN, provider, key: KEY, budget }));
  const routes = [...both, { client: OTHER, provider: 'anthropic', key: KEY, budget }];
  const gate = await gateWith([API, 'api.openai.com'], { routes, caFile: lab.caFile });
  assert.match(await talk(gate.path(MAIN), asking('hi')), /^HTTP\/1\.1 200 /);
  const vectors = 'POST /openai/v1/embeddings HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}';
  // It does not take this key: a request is one all the same.
  assert.match(await talk(gate.path(MAIN), vectors), /^HTTP\/1\.1 400 /);
  await endsOf(gate, 2);
  for (const more of [vectors, asking('hi')])
    assert.match(await talk(gate.path(MAIN), more), /^HTTP\/1\.1 429 [^]*is used up \(2 requests\); resets 00:00 UTC/);
  assert.match(await talk(gate.path(OTHER), asking('hi')), /^HTTP\/1\.1 200 /);
  assert.deepEqual(
    (await statusOf(gate)).routes?.map((one) => [one.client, one.provider, one.used?.day.requests, one.closed !== undefined]),
    [
      [MAIN, 'anthropic', 1, true],
      [MAIN, 'openai', 1, true],
      [OTHER, 'anthropic', 1, false],
    ],
  );
});

test('budget: a client that leaves before the last word -> what came is counted by its bytes', async () => {
  const gate = await routed({ routes: [{ client: MAIN, provider: 'anthropic', key: KEY, budget: { day: { usd: 5 } } }] });
  await lab.setRules([{ when: 'slow', reply: { kind: 'slow', text: 'x' } }]);
  const socket = connect({ path: gate.path(MAIN) }).on('error', () => {});
  socket.write(asking('slow'));
  await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
  const end = await until(async () => trailOf(gate).find((line) => line['kind'] === 'end'), { timeoutMs: 2000, everyMs: 20 });
  assert.ok(Number(end?.['tokens']) > 1020, JSON.stringify(end));
});
