import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { until } from '../../../src/core/wait.ts';
import { type StubAnswer, startDnsStub } from '../../../src/gate/testing/dns-stub.ts';
import { connectThrough, get, talk } from '../gate-client.ts';
import { policyOf, ruleOf } from '../start-gate.ts';
import { API, MAIN, decisions, gateWith, lab, lastDecision, ledgerMark, statusOf, tunnelTo } from './setup.ts';

// Whoever owns an allowed name answers for it: every answer of these is an attempt to get inside.
const PUBLIC = [198, 51, 100, 12];
const DENIED = [198, 51, 100, 66];
const OWN = [192, 168, 222, 10];
const LAN = [192, 168, 222, 20];
const METADATA = [169, 254, 169, 254];
const LOOPBACK = [127, 0, 0, 1];
const mapped = (bytes: readonly number[]): readonly number[] => [...Array<number>(10).fill(0), 255, 255, ...bytes];
const wrapped = (bytes: readonly number[]): readonly number[] => [0, 0x64, 0xff, 0x9b, ...Array<number>(8).fill(0), ...bytes];
const UNIQUE_LOCAL = [0xfd, ...Array<number>(14).fill(0), 5];
const NAME = 'owned.lab.test';

const none: StubAnswer = { records: [] };
const of = (...records: readonly (readonly number[])[]): StubAnswer => ({ records });

const ANSWERS: readonly (readonly [situation: string, a: StubAnswer, aaaa: StubAnswer, reason: string])[] = [
  ['loopback', of(LOOPBACK), none, 'never-class'],
  ['this very host', of([0, 0, 0, 0]), none, 'never-class'],
  ['the host of the gate', of(OWN), none, 'never-class'],
  ['the host of the gate, mapped into IPv6', none, of(mapped(OWN)), 'never-class'],
  ['an address under a deny rule', of(DENIED), none, 'deny-rule'],
  ['an address under a deny rule, mapped into IPv6', none, of(mapped(DENIED)), 'deny-rule'],
  ['a public one, and a private IPv6 one', of(PUBLIC), of(UNIQUE_LOCAL), 'private-address'],
  ['a public one, and metadata mapped into IPv6', of(PUBLIC), of(mapped(METADATA)), 'never-class'],
  ['a public one, and loopback behind NAT64', of(PUBLIC), of(wrapped(LOOPBACK)), 'never-class'],
  ['thirty public ones, and metadata as the last', of(...Array.from({ length: 30 }, () => PUBLIC), METADATA), none, 'never-class'],
  ['an alias of a private host', { alias: 'nas.lan', records: [LAN] }, none, 'private-address'],
  ['an alias with public and private addresses', { alias: 'www.evil.test', records: [PUBLIC, LAN] }, none, 'private-address'],
];

for (const [situation, a, aaaa, reason] of ANSWERS) {
  test(`rebinding: an allowed name answers ${situation} -> ${reason}, and nothing is dialled`, async (t) => {
    const stub = await startDnsStub({ ttl: 0, a, aaaa });
    t.after(() => stub.close());
    const gate = await gateWith([], { dns: [stub.server], policy: policyOf([NAME], { deny: [ruleOf('198.51.100.66')] }) });
    const before = await ledgerMark();
    const { code, socket } = await connectThrough(gate.path(MAIN), `${NAME}:443`);
    socket.destroy();
    assert.equal(code, 403);
    assert.equal(lastDecision(gate), `deny ${reason}`);
    assert.deepEqual(
      (await lab.ledger(before)).entries.filter((entry) => entry.kind === 'tcp'),
      [],
    );
  });
}

test('rebinding: another answer at every question, that holds for no time -> what was checked is what is dialled', async (t) => {
  const turns = [of(PUBLIC), of(LOOPBACK), of(PUBLIC, LAN), of(METADATA), { code: 3 }, of(OWN)];
  const stub = await startDnsStub({ ttl: 0, a: (turn) => turns[turn % turns.length] ?? none, aaaa: none });
  t.after(() => stub.close());
  const gate = await gateWith([], { dns: [stub.server], policy: policyOf([NAME]) });
  const codes: number[] = [];
  for (let round = 0; round < 30; round += 1) {
    const answers = await Promise.all(Array.from({ length: 4 }, () => connectThrough(gate.path(MAIN), `${NAME}:443`)));
    for (const { code, socket } of answers) {
      codes.push(code);
      socket.destroy();
    }
  }
  const allowed = (): ReturnType<typeof decisions> => decisions(gate).filter((line) => line['verdict'] === 'allow');
  const opened = codes.filter((code) => code === 200).length;
  assert.ok(opened > 0 && opened < codes.length, String(opened));
  await until(async () => (allowed().length >= opened ? true : undefined), { timeoutMs: 3000, everyMs: 50 });
  assert.deepEqual(new Set(allowed().map((line) => line['address'])), new Set([PUBLIC.join('.')]));
});

test('a client that closes without reading its 200: leaves no tunnel behind', async () => {
  const gate = await gateWith([API]);
  for (let round = 0; round < 30; round += 1) {
    const socket = connect({ path: gate.path(MAIN) }).on('error', () => {});
    socket.pause();
    await once(socket, 'connect');
    socket.write(`CONNECT ${API}:443 HTTP/1.1\r\n\r\n`);
    await until(async () => ((await statusOf(gate)).connections > 0 ? true : undefined), { timeoutMs: 1000, everyMs: 5 });
    setTimeout(() => socket.destroy(), 20);
    await once(socket, 'close');
  }
  const gone = await until(
    async () => {
      const { tunnels, connections } = await statusOf(gate);
      return tunnels.length + connections === 0 ? true : undefined;
    },
    { timeoutMs: 3000, everyMs: 50 },
  );
  assert.equal(gone, true);
});

test('heads made to be read slowly: answered at once, and the other client does not notice', async () => {
  const gate = await gateWith([API]);
  const began = performance.now();
  const slow = Array.from({ length: 20 }, (_one, index) =>
    talk(gate.path('node-nas'), `GET http://${'a'.repeat(index * 500)}/ HTTP/1.1\r\nX:${' '.repeat(15_000 - index * 600)}\u0001\r\n\r\n`),
  );
  assert.match(await get(await tunnelTo(gate), API), /^HTTP\/1\.1/);
  for (const answer of await Promise.all(slow)) assert.match(answer, /^HTTP\/1\.1 400 .*"bad-request"/s);
  assert.ok(performance.now() - began < 5000, `${performance.now() - began} ms`);
});
