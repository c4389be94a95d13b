import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../src/core/wait.ts';
import { connectThrough, readAll, secure, talk } from '../gate-client.ts';
import { API, MAIN, ca, gateWith, lab, lastDecision, ledgerMark, trailOf } from './setup.ts';

const HELLOS: readonly (readonly [situation: string, servername: string | undefined, reason: string])[] = [
  ['another name', 'evil.test', 'sni-mismatch'],
  ['no name', undefined, 'sni-missing'],
];

for (const [situation, servername, reason] of HELLOS) {
  test(`ClientHello: ${situation} -> refused, and no byte of it reaches the allowed host`, async () => {
    const gate = await gateWith([API]);
    const before = await ledgerMark();
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
  const before = await ledgerMark();
  for (const [situation, text] of SMUGGLED) {
    assert.match(await talk(gate.path(MAIN), Buffer.from(text, 'latin1')), /^HTTP\/1\.1 400 .*"bad-request"/s, situation);
  }
  assert.deepEqual((await lab.ledger(before)).entries, []);
});

test('a request after the request: does not go upstream', async () => {
  const gate = await gateWith(['friendly.test 80']);
  const before = await ledgerMark();
  const one = 'POST http://friendly.test/one HTTP/1.1\r\nHost: friendly.test\r\nContent-Length: 2\r\n\r\nab';
  await talk(gate.path(MAIN), `${one}GET /two HTTP/1.1\r\nHost: evil.test\r\n\r\n`);
  const paths = (await lab.ledger(before)).entries.flatMap((entry) => (entry.kind === 'request' ? [entry.path] : []));
  assert.equal(paths.includes('/two'), false);
});
