import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { isRecord } from '../../../src/core/json.ts';
import { until } from '../../../src/core/wait.ts';
import { connectThrough, get, secure } from '../gate-client.ts';
import { API, MAIN, ca, decisions, gateWith, lab, lastDecision, ledgerMark, trailOf, tunnelTo } from './setup.ts';

test('an allowed name: TLS through the gate -> the real answer, recorded with bytes at its end', async () => {
  const gate = await gateWith([API]);
  const answer = await get(await tunnelTo(gate), API);
  assert.match(answer, /^HTTP\/1\.1 \d{3}/);
  const end = await until(async () => trailOf(gate).find((line) => line['kind'] === 'end'), { timeoutMs: 3000, everyMs: 20 });
  const [decision] = decisions(gate);
  assert.equal(decision?.['verdict'], 'allow');
  assert.equal(decision['sni'], API);
  assert.equal(decision['rule'], `${API}:443 (lobsterpot.yaml)`);
  assert.equal(decision['client'], MAIN);
  assert.ok(end);
  assert.equal(end['of'], decision['seq']);
  assert.equal(end['why'], 'closed');
  assert.ok(Number(end['down']) > 500 && Number(end['up']) > 300);
});

test('a denied name: 403 with what to type, not looked up, visible at once in trail and pending', async () => {
  const gate = await gateWith([API]);
  const before = await ledgerMark();
  const { code, body } = await connectThrough(gate.path(MAIN), 'canary.evil.test:443');
  assert.equal(code, 403);
  assert.deepEqual(JSON.parse(body), {
    blocked: true,
    host: 'canary.evil.test',
    port: 443,
    reason: 'no-rule',
    policy: 'home/gateway-main',
    next: 'ask the operator: lobsterpot egress allow canary.evil.test --for 1h',
  });
  assert.equal(lastDecision(gate), 'deny no-rule');
  const pending = await gate.ask({ op: 'pending' });
  assert.ok(pending.ok && pending.op === 'pending');
  assert.deepEqual(
    pending.pending.map(({ host, client, count }) => [host, client, count]),
    [['canary.evil.test', MAIN, 1]],
  );
  assert.deepEqual(
    (await lab.ledger(before)).entries.filter((entry) => entry.kind === 'dns'),
    [],
  );
});

const own =
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find((one) => one.family === 'IPv4' && !one.internal)?.address ?? '';

const REFUSED: readonly (readonly [authority: string, code: number, reason: string])[] = [
  ['api.anthropic.com:22', 403, 'no-rule'],
  ['api.anthropic.com.evil.test:443', 403, 'no-rule'],
  ['notapi.anthropic.com:443', 403, 'no-rule'],
  ['anthropic.com:443', 403, 'no-rule'],
  ['198.51.100.10:443', 403, 'address-without-rule'],
  ['127.0.0.1:443', 403, 'never-class'],
  ['0x7f000001:443', 403, 'never-class'],
  ['2130706433:443', 403, 'never-class'],
  ['[::ffff:127.0.0.1]:443', 403, 'never-class'],
  ['[::1]:443', 403, 'never-class'],
  ['169.254.169.254:443', 403, 'never-class'],
  ['100.100.100.200:443', 403, 'never-class'],
  ['localhost:443', 403, 'never-class'],
  [`${own}:443`, 403, 'never-class'],
  ['user@api.anthropic.com:443', 400, 'bad-target'],
  ['api%2eanthropic.com:443', 400, 'bad-target'],
  ['api.anthropic.com', 400, 'bad-target'],
  ['api.anthropic.com:0', 400, 'bad-target'],
  ['loopback.lab.test:443', 403, 'never-class'],
  ['loopback6.lab.test:443', 403, 'never-class'],
  ['metadata.lab.test:443', 403, 'never-class'],
  ['host.lab.test:443', 403, 'never-class'],
  ['private.lab.test:443', 403, 'private-address'],
  ['mixed.lab.test:443', 403, 'private-address'],
  ['nowhere.lab.test:443', 502, 'unresolvable'],
];

test('refused targets: each with its reason, and nothing connects', async () => {
  const gate = await gateWith([API, own, '*.lab.test']);
  const before = await ledgerMark();
  for (const [authority, code, reason] of REFUSED) {
    const answer = await connectThrough(gate.path(MAIN), authority);
    const body: unknown = JSON.parse(answer.body);
    assert.ok(isRecord(body));
    assert.deepEqual([authority, answer.code, body['reason']], [authority, code, reason]);
    assert.equal(lastDecision(gate), `deny ${reason}`);
  }
  assert.deepEqual(
    (await lab.ledger(before)).entries.filter((entry) => entry.kind === 'tcp'),
    [],
  );
});

test('spellings of an allowed name: upper case and a final dot -> allowed', async () => {
  const gate = await gateWith([API]);
  const { code, socket } = await connectThrough(gate.path(MAIN), 'API.Anthropic.COM.:443');
  assert.equal(code, 200);
  assert.match(await get(await secure(socket, API, ca), API), /^HTTP\/1\.1/);
});

test('rebinding: the second answer is loopback -> the first is used, the second refused', async () => {
  const gate = await gateWith(['rebind2.lab.test']);
  await lab.setName('rebind2.lab.test', { kind: 'turns', turns: [['198.51.100.12'], ['127.0.0.1']] });
  const first = await connectThrough(gate.path(MAIN), 'rebind2.lab.test:443');
  assert.equal(first.code, 200);
  first.socket.destroy();
  const again = await until(
    async () => {
      const next = await connectThrough(gate.path(MAIN), 'rebind2.lab.test:443');
      next.socket.destroy();
      return next.code === 403 ? next.body : undefined;
    },
    { timeoutMs: 8000, everyMs: 200 },
  );
  assert.match(again ?? '', /"never-class"/);
});

test('a private address with a rule of its own: reached by name and by address', async () => {
  const gate = await gateWith(['private.lab.test 5000', '192.168.222.20 5000'], {});
  const { code, socket } = await connectThrough(gate.path(MAIN), 'private.lab.test:5000');
  assert.equal(code, 200);
  socket.destroy();
});
