import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, readFileSync, readdirSync, rmSync, chmodSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRecord } from '../../src/core/json.ts';
import { until } from '../../src/core/wait.ts';
import type { GateStatus } from '../../src/policy/gate-protocol.ts';
import { verifyTrail } from '../../src/audit/verify-trail.ts';
import { currentLab } from '../lab/lab-client.ts';
import { connectThrough, get, readAll, secure, talk } from './gate-client.ts';
import { type GateOptions, type RunningGate, policyOf, ruleOf, startGate } from './start-gate.ts';

// Runs inside the lab (gate.test.ts starts it there): every name and address below is the lab's.
const lab = currentLab();
assert.ok(lab, 'this file runs inside the lab');
const { ca } = lab;
const API = 'api.anthropic.com';
const MAIN = 'gateway-main';

const running: RunningGate[] = [];
const gateWith = async (allow: readonly string[], more: GateOptions = {}): Promise<RunningGate> => {
  const gate = await startGate({ policy: policyOf(allow), ...more });
  running.push(gate);
  return gate;
};
afterEach(async () => {
  for (const gate of running.splice(0)) {
    const checked = await verifyTrail(gate.trailFolder);
    await gate.remove();
    assert.equal(checked.ok, true, JSON.stringify(checked));
  }
});

type Line = Readonly<Record<string, unknown>>;

function trailOf(gate: RunningGate): readonly Line[] {
  return readdirSync(gate.trailFolder)
    .toSorted()
    .flatMap((name) => readFileSync(join(gate.trailFolder, name), 'utf8').trim().split('\n'))
    .map((line) => {
      const value: unknown = JSON.parse(line);
      assert.ok(isRecord(value));
      return value;
    });
}

const decisions = (gate: RunningGate): readonly Line[] => trailOf(gate).filter((line) => line['kind'] === 'decision');
const lastDecision = (gate: RunningGate): string => {
  const line = decisions(gate).at(-1);
  return `${String(line?.['verdict'])} ${String(line?.['reason'])}`;
};

async function statusOf(gate: RunningGate): Promise<GateStatus> {
  const answer = await gate.ask({ op: 'status' });
  assert.ok(answer.ok && answer.op === 'status');
  return answer.status;
}

async function tunnelTo(gate: RunningGate, host = API, client = MAIN): ReturnType<typeof secure> {
  const { code, socket } = await connectThrough(gate.path(client), `${host}:443`);
  assert.equal(code, 200);
  return secure(socket, host, ca);
}

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
  const before = (await lab.ledger()).entries.at(-1)?.seq ?? 0;
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
  const before = (await lab.ledger()).entries.at(-1)?.seq ?? 0;
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

const HELLOS: readonly (readonly [situation: string, servername: string | undefined, reason: string])[] = [
  ['another name', 'evil.test', 'sni-mismatch'],
  ['no name', undefined, 'sni-missing'],
];

for (const [situation, servername, reason] of HELLOS) {
  test(`ClientHello: ${situation} -> refused, and no byte of it reaches the allowed host`, async () => {
    const gate = await gateWith([API]);
    const before = (await lab.ledger()).entries.at(-1)?.seq ?? 0;
    const { code, socket } = await connectThrough(gate.path(MAIN), `${API}:443`);
    assert.equal(code, 200);
    await assert.rejects(secure(socket, servername ?? '', ca), /unrecognized name|disconnected|closed/i);
    assert.equal(lastDecision(gate), `deny ${reason}`);
    const reached = (await lab.ledger(before)).entries.filter(
      (entry) => entry.kind === 'tls' || (entry.kind === 'not-tls' && entry.why !== 'socket hang up'),
    );
    assert.deepEqual(reached, []);
  });
}

for (const [situation, bytes] of [
  ['plain HTTP', 'GET / HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n'],
  ['HTTP/2 prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['an SSH banner', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['TLS garbage', Buffer.from('16030100050100000100', 'hex')],
] as const) {
  test(`inside a tunnel to 443: ${situation} -> refused`, async () => {
    const gate = await gateWith([API]);
    const { socket } = await connectThrough(gate.path(MAIN), `${API}:443`);
    socket.write(bytes);
    await readAll(socket);
    assert.equal(lastDecision(gate), 'deny not-tls');
  });
}

test('a look: CONNECT and close -> allowed, nothing carried', async () => {
  const gate = await gateWith([API]);
  const { code, socket } = await connectThrough(gate.path(MAIN), `${API}:443`);
  assert.equal(code, 200);
  socket.end();
  const end = await until(async () => trailOf(gate).find((line) => line['kind'] === 'end'), { timeoutMs: 3000, everyMs: 20 });
  assert.deepEqual([end?.['up'], lastDecision(gate)], [0, 'allow rule']);
});

test('plain http: denied without a rule for port 80, served with one, also inside a CONNECT', async () => {
  const gate = await gateWith([API, 'friendly.test 80']);
  const plain = (host: string, shown = host): string =>
    `GET http://${host}/x HTTP/1.1\r\nHost: ${shown}\r\nProxy-Connection: keep-alive\r\n\r\n`;
  assert.match(await talk(gate.path(MAIN), plain(API)), /^HTTP\/1\.1 403 .*"no-rule"/s);
  assert.match(await talk(gate.path(MAIN), plain('friendly.test')), /^HTTP\/1\.1 200 .*lab public/s);
  assert.match(await talk(gate.path(MAIN), plain('friendly.test', 'evil.test')), /^HTTP\/1\.1 403 .*"host-mismatch"/s);
  for (const [host, expected] of [
    ['friendly.test', /^HTTP\/1\.1 200/],
    ['evil.test', /^(?!.*lab)/s],
  ] as const) {
    const { code, socket } = await connectThrough(gate.path(MAIN), 'friendly.test:80');
    assert.equal(code, 200);
    socket.write(`GET /y HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assert.match(await readAll(socket), expected);
  }
});

const SMUGGLED: readonly (readonly [situation: string, text: string])[] = [
  [
    'both lengths',
    'POST http://friendly.test/ HTTP/1.1\r\nHost: friendly.test\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['two lengths', 'POST http://friendly.test/ HTTP/1.1\r\nHost: friendly.test\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd'],
  ['two hosts', 'GET http://friendly.test/ HTTP/1.1\r\nHost: friendly.test\r\nHost: evil.test\r\n\r\n'],
  ['a bare line feed', 'GET http://friendly.test/ HTTP/1.1\nHost: friendly.test\n\r\n\r\n'],
  ['a folded line', 'GET http://friendly.test/ HTTP/1.1\r\nHost: friendly.test\r\nX: a\r\n b\r\n\r\n'],
  ['CONNECT with a body', 'CONNECT api.anthropic.com:443 HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd'],
  ['origin form', 'GET / HTTP/1.1\r\nHost: friendly.test\r\n\r\n'],
  ['https by absolute form', 'GET https://api.anthropic.com/ HTTP/1.1\r\nHost: api.anthropic.com\r\n\r\n'],
  ['a TLS hello', '\u0016\u0003\u0001'],
  ['an endless head', `GET http://friendly.test/ HTTP/1.1\r\nX: ${'a'.repeat(20_000)}`],
];

test('malformed requests: refused before anything is looked up or dialled', async () => {
  const gate = await gateWith([API, 'friendly.test 80']);
  const before = (await lab.ledger()).entries.at(-1)?.seq ?? 0;
  for (const [situation, text] of SMUGGLED) {
    assert.match(await talk(gate.path(MAIN), Buffer.from(text, 'latin1')), /^HTTP\/1\.1 400 .*"bad-request"/s, situation);
  }
  assert.deepEqual((await lab.ledger(before)).entries, []);
});

test('a request after the request: does not go upstream', async () => {
  const gate = await gateWith(['friendly.test 80']);
  const before = (await lab.ledger()).entries.at(-1)?.seq ?? 0;
  const one = 'POST http://friendly.test/one HTTP/1.1\r\nHost: friendly.test\r\nContent-Length: 2\r\n\r\nab';
  await talk(gate.path(MAIN), `${one}GET /two HTTP/1.1\r\nHost: evil.test\r\n\r\n`);
  const paths = (await lab.ledger(before)).entries.flatMap((entry) => (entry.kind === 'request' ? [entry.path] : []));
  assert.equal(paths.includes('/two'), false);
});

test('slow heads: cut at the time limit, others are served meanwhile', async () => {
  const gate = await gateWith([API], { limits: { headMs: 500, perClient: 40 } });
  const slow = await Promise.all(
    Array.from({ length: 30 }, async () => {
      const socket = connect({ path: gate.path(MAIN) });
      await once(socket, 'connect');
      socket.write('CONNECT ');
      return readAll(socket);
    }).concat([get(await tunnelTo(gate), API)]),
  );
  assert.match(slow.pop() ?? '', /^HTTP\/1\.1/);
  for (const answer of slow) assert.match(answer, /^HTTP\/1\.1 400 .*time limit/s);
});

test('a flood of one client: turned away over its limit, the other client is served', async () => {
  const gate = await gateWith([API], { limits: { perClient: 20, connections: 60 } });
  const flood = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const socket = connect({ path: gate.path('node-nas') });
      socket.on('error', () => {});
      await once(socket, 'connect');
      return socket;
    }),
  );
  await sleep(200);
  assert.match(await get(await tunnelTo(gate), API), /^HTTP\/1\.1/);
  const status = await statusOf(gate);
  assert.ok(status.connections <= 21, String(status.connections));
  const limits = await until(
    async () => {
      const found = decisions(gate).filter((line) => line['reason'] === 'limit');
      return found.length > 0 ? found : undefined;
    },
    { timeoutMs: 3000, everyMs: 50 },
  );
  assert.ok(limits && limits.length <= 3, String(limits?.length));
  assert.match(String(limits[0]?.['detail']), /^80 connections turned away \(client-limit\)$/);
  for (const socket of flood) socket.destroy();
  const free = await until(async () => ((await statusOf(gate)).connections === 0 ? true : undefined), { timeoutMs: 3000, everyMs: 50 });
  assert.equal(free, true);
});

test('a flood of names: answered all, recorded within a budget, counted, and pending stays bounded', async () => {
  const gate = await gateWith([API]);
  for (let round = 0; round < 20; round += 1) {
    const codes = await Promise.all(
      Array.from({ length: 50 }, async (_one, index) => (await connectThrough(gate.path(MAIN), `n${round}-${index}.evil.test:443`)).code),
    );
    assert.deepEqual(new Set(codes), new Set([403]));
  }
  const counted = await until(async () => decisions(gate).find((line) => line['reason'] === 'limit'), { timeoutMs: 3000, everyMs: 50 });
  assert.match(String(counted?.['detail']), /^\d+ more denials than are recorded one by one$/);
  const recorded = decisions(gate).length;
  assert.ok(recorded >= 300 && recorded < 400, String(recorded));
  assert.equal((await statusOf(gate)).denied, 1000);
});

test('reload: a policy that forbids an open tunnel -> closed at once; the file alone -> within two seconds', async () => {
  const gate = await gateWith([API, 'friendly.test']);
  const first = await tunnelTo(gate);
  const second = await tunnelTo(gate, 'friendly.test');
  const gone = { first: once(first, 'close'), second: once(second, 'close') };
  for (const one of [first, second]) one.on('error', () => {});
  gate.setPolicy(policyOf(['friendly.test']));
  const answer = await gate.ask({ op: 'reload', by: 'ann', change: 'took api.anthropic.com back' });
  assert.ok(answer.ok && answer.op === 'reload');
  assert.equal(answer.closed, 1);
  await gone.first;
  assert.equal((await statusOf(gate)).tunnels.length, 1);
  assert.equal(
    trailOf(gate).some((line) => line['kind'] === 'operator' && line['by'] === 'ann'),
    true,
  );
  gate.setPolicy(policyOf([]));
  await Promise.race([gone.second, sleep(3000).then(() => Promise.reject(new Error('still open')))]);
  const whys = trailOf(gate).flatMap((line) => (line['kind'] === 'end' ? [line['why']] : []));
  assert.deepEqual(whys, ['policy', 'policy']);
});

test('a timed override: opens, and ends by itself, tunnel included', async () => {
  const gate = await gateWith([]);
  const until = Date.now() + 2500;
  gate.setOverrides({ version: 1, rules: [{ verdict: 'allow', host: API, port: 443, until, by: 'ann', atMs: Date.now() }] });
  await gate.ask({ op: 'reload', by: 'ann', change: 'allow' });
  const tls = await tunnelTo(gate);
  tls.on('error', () => {});
  await once(tls, 'close');
  assert.ok(Date.now() >= until && Date.now() < until + 2500);
  assert.equal((await connectThrough(gate.path(MAIN), `${API}:443`)).code, 403);
});

test('an operator denial: beats the rule', async () => {
  const gate = await gateWith([API]);
  gate.setOverrides({ version: 1, rules: [{ verdict: 'deny', host: API, port: 443, by: 'ann', atMs: Date.now() }] });
  await gate.ask({ op: 'reload' });
  const { code, body } = await connectThrough(gate.path(MAIN), `${API}:443`);
  assert.equal(code, 403);
  assert.match(body, /"deny-rule".*operator ann/);
});

test('no policy, then a good one, then a bad one: denies all, serves, keeps the last good one and says so', async () => {
  const gate = await startGate({});
  running.push(gate);
  assert.match((await connectThrough(gate.path(MAIN), `${API}:443`)).body, /"no-policy"/);
  assert.match((await statusOf(gate)).policyError ?? '', /cannot be read/);
  gate.setPolicy(policyOf([API]));
  await gate.ask({ op: 'reload' });
  assert.match(await get(await tunnelTo(gate), API), /^HTTP\/1\.1/);
  gate.setPolicy('{"version":1');
  await gate.ask({ op: 'reload' });
  assert.match((await statusOf(gate)).policyError ?? '', /not JSON/);
  assert.match(gate.stderr(), /not JSON; the last good one stays in force/);
  assert.match(await get(await tunnelTo(gate), API), /^HTTP\/1\.1/);
  assert.equal(trailOf(gate).filter((line) => line['kind'] === 'policy-error').length, 2);
});

test('report mode: lets pass what it would deny and says so, the closed classes stay closed', async () => {
  const gate = await gateWith([], { policy: policyOf([], { mode: 'report' }) });
  assert.match(await get(await tunnelTo(gate, 'friendly.test'), 'friendly.test'), /lab public/);
  const [line] = decisions(gate);
  assert.deepEqual([line?.['verdict'], line?.['reason'], line?.['would']], ['allow', 'report-mode', 'no-rule']);
  assert.equal((await connectThrough(gate.path(MAIN), 'loopback.lab.test:443')).code, 403);
  assert.equal((await connectThrough(gate.path(MAIN), '169.254.169.254:443')).code, 403);
});

test('idle and total limits: end a tunnel and say why', async () => {
  for (const [limits, why] of [
    [{ idleMs: 300 }, 'idle'],
    [{ totalMs: 300 }, 'total'],
  ] as const) {
    const gate = await gateWith([API], { limits });
    const tls = await tunnelTo(gate);
    tls.on('error', () => {});
    await once(tls, 'close');
    const end = await until(async () => trailOf(gate).find((line) => line['kind'] === 'end'), { timeoutMs: 3000, everyMs: 20 });
    assert.equal(end?.['why'], why);
  }
});

test('clients: a rule for one client -> only its socket passes', async () => {
  const gate = await gateWith([], { policy: policyOf([], { allow: [{ ...ruleOf(API), client: 'node-nas' }] }) });
  assert.equal((await connectThrough(gate.path(MAIN), `${API}:443`)).code, 403);
  assert.match(await get(await tunnelTo(gate, API, 'node-nas'), API), /^HTTP\/1\.1/);
});

test('control: test decides without sending, close ends a tunnel, nonsense is refused', async () => {
  const gate = await gateWith([API]);
  const before = (await lab.ledger()).entries.at(-1)?.seq ?? 0;
  const tested = await gate.ask({ op: 'test', host: 'EVIL.test', port: 443, client: MAIN });
  assert.deepEqual(tested, { ok: true, op: 'test', host: 'evil.test', port: 443, verdict: { allowed: false, reason: 'no-rule' } });
  assert.deepEqual((await lab.ledger(before)).entries, []);
  const tls = await tunnelTo(gate);
  tls.on('error', () => {});
  const gone = once(tls, 'close');
  assert.deepEqual(await gate.ask({ op: 'close', client: MAIN, by: 'ann' }), { ok: true, op: 'close', closed: 1 });
  await gone;
  assert.match(await talk(gate.path('control'), 'nonsense\n', 300), /"ok":false/);
});

test('garbage of all kinds: the gate lives, nothing reaches anybody, and good requests pass', async () => {
  const gate = await gateWith([API], { limits: { headMs: 300, helloMs: 300 } });
  const before = (await lab.ledger()).entries.at(-1)?.seq ?? 0;
  const pieces = [
    'CONNECT ',
    'api.anthropic.com:443',
    'evil.test:443',
    ' HTTP/1.1',
    '\r\n',
    '\r\n\r\n',
    '\u0000',
    'Host: ',
    'GET http://evil.test/',
    '\u0016\u0003\u0001',
    'Content-Length: 9',
    '\n',
    '[::1]:443',
    ' ',
  ];
  const random = mulberry(7);
  const garbage = (): string =>
    Array.from({ length: 1 + Math.floor(random() * 9) }, () => pieces[Math.floor(random() * pieces.length)] ?? '').join('');
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(Array.from({ length: 30 }, () => talk(gate.path(MAIN), Buffer.from(garbage(), 'latin1'))));
    await talk(gate.path('control'), `${garbage()}\n`, 50);
  }
  const reached = (await lab.ledger(before)).entries.filter((entry) => entry.kind === 'tls' || entry.kind === 'request');
  assert.deepEqual(reached, []);
  assert.match(await get(await tunnelTo(gate), API), /^HTTP\/1\.1/);
});

/** A small seeded generator, so that a failing run can be run again. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

test('kill -9 and a torn last line: the next gate goes on, the gap is in the trail, the chain verifies', async () => {
  const gate = await gateWith([API], { trail: { fileBytes: 4096, files: 4 } });
  for (let index = 0; index < 30; index += 1) await connectThrough(gate.path(MAIN), `n${index}.evil.test:443`);
  await gate.kill('SIGKILL');
  const last = readdirSync(gate.trailFolder).toSorted().at(-1) ?? '';
  appendFileSync(join(gate.trailFolder, last), '{"seq":999,"ti');
  const next = await startGate({ folder: gate.folder, trail: { fileBytes: 4096, files: 4 } });
  running.push(next);
  const gap = trailLines(next).find((line) => line.includes('"kind":"gap"'));
  assert.match(gap ?? '', /"bytes":14/);
  const checked = await verifyTrail(next.trailFolder);
  assert.deepEqual([checked.ok, checked.ok && checked.gaps], [true, 1]);
  assert.equal(readdirSync(next.trailFolder).length <= 4, true);
});

function trailLines(gate: RunningGate): readonly string[] {
  return readdirSync(gate.trailFolder)
    .toSorted()
    .flatMap((name) => readFileSync(join(gate.trailFolder, name), 'utf8').split('\n'));
}

test('audit required: a trail that cannot be written -> nothing new passes, and it is said', async () => {
  const gate = await gateWith([API], { audit: 'required', trail: { fileBytes: 4096 } });
  await gate.kill('SIGTERM');
  rmSync(gate.trailFolder, { recursive: true });
  // A file where the folder should be: root cannot write there either.
  appendFileSync(gate.trailFolder, 'x');
  const blind = await startGate({ folder: gate.folder, audit: 'required' });
  const { socket } = await connectThrough(blind.path(MAIN), `${API}:443`);
  await assert.rejects(secure(socket, API, ca));
  assert.ok((await statusOf(blind)).trailError);
  assert.match(blind.stderr(), /the trail cannot be written/);
  await blind.kill('SIGKILL');
  chmodSync(gate.trailFolder, 0o600);
  rmSync(gate.trailFolder);
});

test('the life line: closes -> the gate ends cleanly', async () => {
  const gate = await gateWith([API]);
  (await tunnelTo(gate)).on('error', () => {});
  const exited = once(gate.child, 'exit');
  gate.cutLifeLine();
  assert.deepEqual(await exited, [0, null]);
  assert.deepEqual(
    trailOf(gate)
      .slice(-2)
      .map((line) => line['kind']),
    ['end', 'stop'],
  );
});
