import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { LAB } from '../../lab/addresses.ts';
import { peerToken } from '../../lab/peer-site.ts';
import { talk } from '../gate-client.ts';
import type { GateOptions, RunningGate } from '../start-gate.ts';
import { KEY, OTHER } from './routed.ts';
import { MAIN, endsOf, gateWith, lab, lastDecision, ledgerMark, statusOf, trailOf } from './setup.ts';

const TOKEN = peerToken(KEY);
const WORKER = 'worker.lab.test';
const PEER = { name: 'worker', host: WORKER, port: 443, path: '/a2a/v1' };
const ROUTE = { client: MAIN, provider: 'a2a', peer: PEER, key: `${TOKEN}\n` };

const withPeer = (more: GateOptions = {}, allow: readonly string[] = [WORKER]): Promise<RunningGate> =>
  gateWith(allow, { routes: [ROUTE], caFile: lab.caFile, ...more });

function calling(method: string, more: readonly string[] = [], path = '/a2a-worker/a2a/v1'): string {
  const message = { messageId: 'm1', role: 'ROLE_USER', parts: [{ text: 'do work' }] };
  const body = JSON.stringify({ jsonrpc: '2.0', id: '1', method, params: { message } });
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return [`POST ${path} HTTP/1.1`, 'Host: 127.0.0.1:3128', 'Content-Type: application/json', length, ...more, '', body].join('\r\n');
}

const requests = async (since: number) =>
  (await lab.ledger(since)).entries.flatMap((entry) =>
    entry.kind === 'request' ? [`${entry.method} ${entry.host}${entry.path} ${entry.key}`] : [],
  );

test('peer: a message without a token, with a false one; the card -> asked with the real one, counted, told nowhere', async () => {
  const gate = await withPeer();
  const before = await ledgerMark();
  const said: string[] = [];
  for (const more of [[], ['Authorization: Bearer one-of-its-own']]) said.push(await talk(gate.path(MAIN), calling('SendMessage', more)));
  for (const answer of said) assert.match(answer, /^HTTP\/1\.1 200 OK[^]*TASK_STATE_COMPLETED[^]*hello from the stand-in agent/);
  said.push(await talk(gate.path(MAIN), 'GET /a2a-worker/.well-known/agent-card.json HTTP/1.1\r\nHost: x\r\n\r\n'));
  assert.match(said.at(-1) ?? '', /^HTTP\/1\.1 200 OK[^]*"name":"stand-in"/);
  assert.deepEqual(await requests(before), [
    `POST ${WORKER}/a2a/v1 expected`,
    `POST ${WORKER}/a2a/v1 expected`,
    `GET ${WORKER}/.well-known/agent-card.json expected`,
  ]);
  const ends = await endsOf(gate, 3);
  assert.deepEqual(
    ends.map(({ status, tokens, usd }) => [status, tokens, usd]),
    Array.from({ length: 3 }, () => [200, undefined, undefined]),
  );
  const decisions = trailOf(gate).filter((line) => line['kind'] === 'decision');
  assert.deepEqual(
    decisions.map(({ client, verdict, via, host, detail }) => [client, verdict, via, host, detail]),
    ['json-rpc', 'json-rpc', 'agent card'].map((name) => [MAIN, 'allow', 'route', WORKER, `a2a-worker: ${name}`]),
  );
  const [route] = (await statusOf(gate)).routes ?? [];
  assert.deepEqual([route?.provider, route?.used?.day.requests, route?.used?.day.usd], ['a2a-worker', 3, 0]);
  assert.ok(![...said, JSON.stringify(trailOf(gate)), gate.stderr()].some((text) => text.includes(TOKEN)));
});

test('peer: at another port, below a folder -> asked there, and named so', async () => {
  const peer = { ...PEER, port: 8443, path: '/team/a2a/v1' };
  const gate = await withPeer({ routes: [{ ...ROUTE, peer }] }, [`${WORKER} 8443`]);
  const before = await ledgerMark();
  assert.match(await talk(gate.path(MAIN), calling('SendMessage', [], '/a2a-worker/team/a2a/v1')), /^HTTP\/1\.1 200 /);
  assert.deepEqual(await requests(before), [`POST ${WORKER}:8443/team/a2a/v1 expected`]);
});

test('peer: an answer in pieces -> each with the client before the next one is there', async () => {
  const gate = await withPeer();
  const socket = connect({ path: gate.path(MAIN) }).on('error', () => {});
  const arrived: number[] = [];
  let answer = '';
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString();
    arrived.push(performance.now());
  });
  socket.write(calling('SendStreamingMessage', ['Accept: text/event-stream']));
  await new Promise((resolve) => socket.once('close', resolve));
  assert.match(
    answer,
    /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/event-stream[^]*TASK_STATE_WORKING[^]*TASK_STATE_COMPLETED[^]*\r\n0\r\n\r\n$/,
  );
  assert.ok((arrived.at(-1) ?? 0) - (arrived[0] ?? 0) > 250);
});

for (const [situation, text] of [
  ['what needs the token of the gateway', calling('SendMessage', [], '/a2a-worker/v1/responses')],
  ['a tool', calling('SendMessage', [], '/a2a-worker/tools/invoke')],
  ['a longer path', calling('SendMessage', [], '/a2a-worker/a2a/v1/x')],
  ['a path that leads upwards', calling('SendMessage', [], '/a2a-worker/x/../a2a/v1')],
  ['an escaped path', calling('SendMessage', [], '/a2a-worker/a2a%2fv1')],
  ['a query', calling('SendMessage', [], '/a2a-worker/a2a/v1?next=http://evil.test')],
  ['another method', 'GET /a2a-worker/a2a/v1 HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a WebSocket', 'GET /a2a-worker/a2a/v1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'],
] as const) {
  test(`peer: ${situation} -> 400 in the words of JSON-RPC, and nothing is asked`, async () => {
    const gate = await withPeer();
    const before = await ledgerMark();
    assert.match(await talk(gate.path(MAIN), text), /^HTTP\/1\.1 400 [^]*"jsonrpc":"2\.0"[^]*"code":-32000/);
    assert.equal(lastDecision(gate), 'deny bad-request');
    assert.deepEqual((await lab.ledger(before)).entries, []);
  });
}

test('peer: another client, a host that no rule opens, a token that the peer does not take -> 400, and the token is told nowhere', async () => {
  const gate = await withPeer();
  assert.match(await talk(gate.path(OTHER), calling('SendMessage')), /^HTTP\/1\.1 400 Bad Request/);
  const closed = await withPeer({}, []);
  assert.match(
    await talk(closed.path(MAIN), calling('SendMessage')),
    /^HTTP\/1\.1 400 [^]*the policy refuses worker\.lab\.test \(no-rule\)/,
  );
  const old = await withPeer({ routes: [{ ...ROUTE, key: 'the-token-before' }] });
  const answer = await talk(old.path(MAIN), calling('SendMessage'));
  assert.match(answer, /^HTTP\/1\.1 400 [^]*refused the key that the gate holds \(HTTP 401\)/);
  assert.ok(!answer.includes('the-token-before'));
});

test('peer: in the own network -> refused, until a rule names its address', async () => {
  const before = await ledgerMark();
  const peer = { ...PEER, host: 'private.lab.test' };
  const routes = [{ ...ROUTE, peer }];
  const refused = await withPeer({ routes }, ['private.lab.test']);
  assert.match(await talk(refused.path(MAIN), calling('SendMessage')), /^HTTP\/1\.1 400 /);
  assert.equal(lastDecision(refused), 'deny private-address');
  assert.deepEqual(await requests(before), []);
  const named = await withPeer({ routes }, ['private.lab.test', LAB.lanNeighbour]);
  assert.match(await talk(named.path(MAIN), calling('SendMessage')), /^HTTP\/1\.1 200 /);
  assert.deepEqual((await requests(before)).length, 1);
});

test('peer: a budget -> its own, in the words that are not tried again after', async () => {
  const budget = { day: { requests: 1 } };
  const gate = await withPeer({ routes: [{ ...ROUTE, budget }] });
  assert.match(await talk(gate.path(MAIN), calling('SendMessage')), /^HTTP\/1\.1 200 /);
  const answer = await talk(gate.path(MAIN), calling('SendMessage'));
  assert.match(answer, /^HTTP\/1\.1 429 [^]*daily budget for route a2a-worker is used up \(1 requests\); resets 00:00 UTC/);
  assert.doesNotMatch(answer, /retry-after/i);
});
