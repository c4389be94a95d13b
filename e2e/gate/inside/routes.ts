import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { until } from '../../../src/core/wait.ts';
import { LAB } from '../../lab/addresses.ts';
import { readAll, talk } from '../gate-client.ts';
import type { RunningGate } from '../start-gate.ts';
import { asking, KEY, OTHER, routed, TOKEN } from './routed.ts';
import { API, MAIN, endsOf, gateWith, lab, ledgerMark, statusOf, trailOf } from './setup.ts';

const requests = async (since: number) =>
  (await lab.ledger(since)).entries.flatMap((entry) =>
    entry.kind === 'request' ? [`${entry.method} ${entry.host}${entry.path} ${entry.key}`] : [],
  );
const noKey = (gate: RunningGate, answer: string): void => {
  for (const text of [answer, JSON.stringify(trailOf(gate)), gate.stderr()]) assert.ok(!text.includes(KEY) && !text.includes(TOKEN));
};

test('route: a request without a credential, with a false one, in chunks -> asked with the real one, streamed back', async () => {
  const gate = await routed();
  const before = await ledgerMark();
  const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] });
  const chunked = `POST /anthropic/v1/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  for (const text of [
    asking('hi'),
    asking('hi', ['x-api-key: placeholder', 'Authorization: Bearer placeholder', 'Cookie: a=b']),
    chunked,
  ]) {
    const answer = await talk(gate.path(MAIN), text);
    assert.match(
      answer,
      /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/event-stream[^]*hello from the stand-in model[^]*message_stop[^]*\r\n0\r\n\r\n$/,
    );
    noKey(gate, answer);
  }
  assert.deepEqual(await requests(before), Array<string>(3).fill(`POST ${API}/v1/messages expected`));
  const ends = await endsOf(gate, 3);
  const decisions = trailOf(gate).filter((line) => line['kind'] === 'decision');
  assert.deepEqual(
    decisions.map(({ client, verdict, via, host, detail }) => [client, verdict, via, host, detail]),
    Array.from({ length: 3 }, () => [MAIN, 'allow', 'route', API, 'anthropic: messages']),
  );
  assert.deepEqual(
    ends.map(({ of, status, why }) => [of, status, why]),
    decisions.map(({ seq }) => [seq, 200, 'closed']),
  );
  assert.ok(ends.every(({ up, down }) => Number(up) > 50 && Number(down) > 500));
  assert.equal((await statusOf(gate)).tunnels.length, 0);
  // One handshake for all of them.
  assert.equal((await lab.ledger(before)).entries.filter((entry) => entry.kind === 'tls').length, 1);
});

test('route: two requests one after the other on one connection -> the second goes nowhere', async () => {
  const gate = await routed();
  const before = await ledgerMark();
  const answer = await talk(gate.path(MAIN), asking('hi') + asking('hi'));
  assert.equal(answer.split('HTTP/1.1').length, 2);
  assert.equal((await requests(before)).length, 1);
});

const FOREIGN: readonly (readonly [situation: string, text: string])[] = [
  ['another path', asking('hi', [], '/anthropic/v1/files')],
  ['a longer path', asking('hi', [], '/anthropic/v1/messages/batches')],
  ['a path that leads upwards', asking('hi', [], '/anthropic/v1/x/../messages')],
  ['an escaped path', asking('hi', [], '/anthropic/v1/%6dessages')],
  ['another query', asking('hi', [], '/anthropic/v1/messages?next=http://evil.test')],
  ['another method', 'DELETE /anthropic/v1/messages HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['no Host', 'POST /anthropic/v1/messages HTTP/1.1\r\nContent-Length: 0\r\n\r\n'],
  ['two lengths', asking('hi', ['Content-Length: 3'])],
  ['a length and chunks', asking('hi', ['Transfer-Encoding: chunked'])],
  [
    'a method of the bot that sends its messages elsewhere',
    'POST /telegram/bot1:x/setWebhook HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n',
  ],
  ['a bot without a method', 'GET /telegram/bot1:x HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a file above its folder', 'GET /telegram/file/bot1:x/../getMe HTTP/1.1\r\nHost: x\r\n\r\n'],
];

for (const [situation, text] of FOREIGN) {
  test(`route: ${situation} -> 400 in the words of the provider, recorded, and nothing is asked`, async () => {
    const gate = await routed();
    const before = await ledgerMark();
    const answer = await talk(gate.path(MAIN), text);
    assert.match(answer, /^HTTP\/1\.1 400 [^]*(invalid_request_error|"error_code":400)/);
    const last = trailOf(gate).at(-1);
    assert.deepEqual([last?.['verdict'], last?.['reason'], last?.['via']], ['deny', 'bad-request', 'route']);
    assert.deepEqual((await lab.ledger(before)).entries, []);
  });
}

test('route: of another client, of no provider -> as if there were none', async () => {
  const gate = await routed();
  const before = await ledgerMark();
  for (const [client, path] of [
    [OTHER, '/anthropic/v1/messages'],
    [MAIN, '/openai/v1/responses'],
    [MAIN, '/anthropicx/v1/messages'],
  ] as const) {
    assert.match(await talk(gate.path(client), asking('hi', [], path)), /^HTTP\/1\.1 400 Bad Request[^]*"reason":"bad-request"/);
  }
  assert.deepEqual((await lab.ledger(before)).entries, []);
});

test('route: Telegram -> whatever token the client has in its path, the real one is asked with', async () => {
  const gate = await routed();
  const before = await ledgerMark();
  const answer = await talk(gate.path(MAIN), 'GET /telegram/bot1:placeholder/getMe HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 200 [^]*"is_bot":true/);
  assert.deepEqual(await requests(before), ['GET api.telegram.org/bot.../getMe expected']);
  noKey(gate, answer);
});

test('route: the policy takes the host back -> 400, and a request under way is ended', async () => {
  const gate = await routed();
  await lab.setRules([{ when: 'slow', reply: { kind: 'slow', text: 'x' } }]);
  const open = connect({ path: gate.path(MAIN) }).on('error', () => {});
  open.write(asking('slow'));
  assert.ok(await until(async () => ((await statusOf(gate)).tunnels.length === 1 ? true : undefined), { timeoutMs: 5000, everyMs: 20 }));
  gate.setOverrides({ version: 1, rules: [{ host: API, port: 443, verdict: 'deny', by: 'ann', atMs: 1 }] });
  await gate.ask({ op: 'reload' });
  assert.doesNotMatch(await readAll(open), /message_stop/);
  const end = await until(async () => trailOf(gate).findLast((line) => line['kind'] === 'end'), { timeoutMs: 2000, everyMs: 20 });
  assert.equal(end?.['why'], 'policy');
  const answer = await talk(gate.path(MAIN), asking('hi'));
  assert.match(answer, /^HTTP\/1\.1 400 [^]*the policy refuses api\.anthropic\.com \(deny-rule\)/);
});

test('route: pieces of an answer -> with the client before the next one is there', async () => {
  const gate = await routed();
  await lab.setRules([{ when: 'slow', reply: { kind: 'slow', text: 'x' } }]);
  const socket = connect({ path: gate.path(MAIN) }).on('error', () => {});
  const arrived: string[] = [];
  socket.on('data', (chunk: Buffer) => arrived.push(...(chunk.toString().match(/event: \w+/g) ?? []), '|'));
  socket.write(asking('slow'));
  await new Promise((resolve) => socket.once('close', resolve));
  assert.match(arrived.join(''), /message_start\|+event: content_block_start\|+event: content_block_delta\|/);
});

const ODD: readonly (readonly [situation: string, status: number, answer: RegExp])[] = [
  ['401', 401, /^HTTP\/1\.1 400 [^]*refused the key that the gate holds \(HTTP 401\)/],
  ['402', 402, /^HTTP\/1\.1 400 [^]*wants to be paid first/],
  ['403', 403, /^HTTP\/1\.1 400 [^]*refused the key/],
  ['a redirect', 307, /^HTTP\/1\.1 400 [^]*redirect \(HTTP 307\), which is not followed/],
  ['too many requests', 429, /^HTTP\/1\.1 429 [^]*retry-after: 7[^]*its own words/],
  ['overloaded', 529, /^HTTP\/1\.1 529 [^]*its own words/],
];

for (const [situation, status, expected] of ODD) {
  test(`route: the provider answers ${situation} -> nothing that makes a client give up its key or go elsewhere`, async () => {
    const gate = await routed();
    const headers = { location: 'https://evil.test/', 'set-cookie': 'a=b', 'retry-after': '7' };
    await lab.setRules([{ when: 'odd', reply: { kind: 'status', status, headers, body: 'its own words' } }]);
    const before = await ledgerMark();
    const answer = await talk(gate.path(MAIN), asking('odd'));
    assert.match(answer, expected);
    assert.doesNotMatch(answer, /evil|set-cookie/);
    assert.equal((await requests(before)).length, 1);
    assert.equal((await endsOf(gate)).at(-1)?.['status'], status);
  });
}

test('route: an answer that stops in the middle -> ended by the gate, in time', async () => {
  const gate = await routed({ limits: { routeStallMs: 500 } });
  await lab.setRules([{ when: 'stop', reply: { kind: 'stall' } }]);
  const began = performance.now();
  const answer = await talk(gate.path(MAIN), asking('stop'));
  assert.match(answer, /message_start/);
  assert.ok(!answer.endsWith('0\r\n\r\n') && performance.now() - began < 4000);
  assert.equal((await endsOf(gate)).at(-1)?.['why'], 'idle');
});

test('route: a body too long, too many at once, a body that never comes -> refused, each in its way', async () => {
  const gate = await routed({ limits: { routeBodyBytes: 500, perRoute: 2, routeFirstMs: 1500 } });
  assert.match(await talk(gate.path(MAIN), asking('x'.repeat(600))), /^HTTP\/1\.1 413 /);
  const head = 'POST /anthropic/v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 400\r\n\r\n';
  const open = [0, 1].map(() => {
    const socket = connect({ path: gate.path(MAIN) }).on('error', () => {});
    socket.write(head);
    return readAll(socket);
  });
  assert.ok(await until(async () => ((await statusOf(gate)).tunnels.length === 2 ? true : undefined), { timeoutMs: 2000, everyMs: 20 }));
  assert.match(await talk(gate.path(MAIN), asking('hi')), /^HTTP\/1\.1 503 [^]*2 requests are open on this route/);
  for (const answer of await Promise.all(open)) assert.match(answer, /^HTTP\/1\.1 504 /);
  assert.match(await talk(gate.path(MAIN), asking('hi')), /^HTTP\/1\.1 200 /);
});

test('route: a client that goes away -> the provider is let go too', async () => {
  const gate = await routed();
  await lab.setRules([{ when: 'stop', reply: { kind: 'stall' } }]);
  const socket = connect({ path: gate.path(MAIN) }).on('error', () => {});
  socket.write(asking('stop'));
  await new Promise((resolve) => socket.once('data', resolve));
  socket.destroy();
  assert.ok(await until(async () => ((await statusOf(gate)).tunnels.length === 0 ? true : undefined), { timeoutMs: 2000, everyMs: 20 }));
});

test('route: a certificate of somebody else, a private address, a key that is none -> nobody is asked', async () => {
  const before = await ledgerMark();
  const untrusting = await gateWith([API], { routes: [{ client: MAIN, provider: 'anthropic', key: KEY }] });
  assert.match(await talk(untrusting.path(MAIN), asking('hi')), /^HTTP\/1\.1 502 [^]*cannot be asked/);
  for (const key of ['', 'two\nlines-of-a-key', 'has a blank in it']) {
    const gate = await routed({ routes: [{ client: MAIN, provider: 'anthropic', key }] });
    const answer = await talk(gate.path(MAIN), asking('hi'));
    assert.match(answer, /^HTTP\/1\.1 400 [^]*the key of this route/);
    if (key !== '') assert.ok(!(answer + JSON.stringify(trailOf(gate)) + gate.stderr()).includes(key.slice(0, 8)));
  }
  await lab.setName('api.telegram.org', { kind: 'same', addresses: ['192.168.222.20'] });
  const gate = await routed();
  const refused = await talk(gate.path(MAIN), 'GET /telegram/bot1:x/getMe HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.match(refused, /^HTTP\/1\.1 400 /);
  await lab.setName('api.telegram.org', { kind: 'same', addresses: [LAB.telegram] });
  assert.equal(trailOf(gate).at(-1)?.['reason'], 'private-address');
  assert.deepEqual(await requests(before), []);
});
