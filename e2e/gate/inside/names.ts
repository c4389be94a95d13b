import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { dnsFrame, readDnsFrame } from '../../../src/gate/dns-frame.ts';
import { questionBytes } from '../../../src/gate/testing/question-bytes.ts';
import { until } from '../../../src/core/wait.ts';
import { get } from '../gate-client.ts';
import { API, MAIN, decisions, gateWith, lab, ledgerMark, statusOf, tunnelTo } from './setup.ts';

/** Sends questions over one connection and gives the answers. */
async function ask(path: string, questions: readonly Buffer[], timeoutMs = 5000): Promise<readonly Buffer[]> {
  const socket = connect({ path });
  await once(socket, 'connect');
  socket.on('error', () => {});
  const limit = setTimeout(() => socket.destroy(), timeoutMs);
  socket.write(Buffer.concat(questions.map(dnsFrame)));
  const answers: Buffer[] = [];
  let bytes = Buffer.alloc(0);
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, Buffer.from(chunk)]);
    for (let frame = readDnsFrame(bytes); frame && 'message' in frame; frame = readDnsFrame(bytes)) {
      answers.push(frame.message);
      bytes = bytes.subarray(frame.length);
    }
    if (answers.length === questions.length) break;
  }
  clearTimeout(limit);
  return answers;
}

test('names: asked through a client’s listener -> refused in order, recorded under it, and nobody is asked', async () => {
  const gate = await gateWith([API]);
  const before = await ledgerMark();
  const questions = [
    questionBytes('Data.In.Labels.evil.test', 16),
    questionBytes(API, 1),
    questionBytes('x\u0000.test', 28),
    Buffer.alloc(14),
  ];
  const answers = await ask(gate.path(MAIN), questions);
  assert.deepEqual(
    answers.map((one) => one.readUInt16BE(2) & 15),
    [5, 5, 5, 1],
  );
  assert.deepEqual(
    decisions(gate).map(({ client, reason, via, host, port, detail }) => [client, reason, via, host, port, detail]),
    [
      [MAIN, 'dns-question', 'dns', 'data.in.labels.evil.test', 53, 'TXT'],
      [MAIN, 'dns-question', 'dns', API, 53, 'A'],
      [MAIN, 'dns-question', 'dns', 'x\\000.test', 53, 'AAAA'],
      [MAIN, 'dns-question', 'dns', '', 0, 'malformed: it ends behind the name'],
    ],
  );
  assert.deepEqual((await lab.ledger(before)).entries, []);
  const pending = await gate.ask({ op: 'pending' });
  assert.ok(pending.ok && pending.op === 'pending' && pending.pending.length === 0);
});

test('names: a flood -> answered, recorded within a budget and counted; denials and other clients are as ever', async () => {
  const gate = await gateWith([API]);
  const questions = Array.from({ length: 5000 }, (_, index) => questionBytes(`n${index}.evil.test`, 16));
  assert.equal((await ask(gate.path(MAIN), questions)).length, 5000);
  const recorded = decisions(gate).filter((line) => line['reason'] === 'dns-question').length;
  assert.ok(recorded >= 300 && recorded < 330, String(recorded));
  const counted = await until(async () => decisions(gate).find((line) => line['reason'] === 'limit'), { timeoutMs: 3000, everyMs: 50 });
  assert.match(String(counted?.['detail']), /^\d+ more DNS questions than are recorded one by one$/);
  assert.match(await get(await tunnelTo(gate, API, 'node-nas'), API), /^HTTP\/1\.1/);
});

test('names: half a question, one that is too long, answers that nobody reads -> the connection ends, the gate lives', async () => {
  const gate = await gateWith([API], { limits: { headMs: 300 } });
  const half = dnsFrame(questionBytes('x.test', 1)).subarray(0, 9);
  const flood = dnsFrame(questionBytes(`${'a'.repeat(60)}.test`, 1));
  for (const bytes of [
    half,
    Buffer.from([0x03, 0xff]),
    Buffer.from([0, 3, 1, 2, 3]),
    Buffer.concat(Array.from({ length: 40_000 }, () => flood)),
  ]) {
    const socket = connect({ path: gate.path(MAIN) });
    socket.on('error', () => {});
    socket.pause();
    socket.write(bytes);
    const free = await until(async () => ((await statusOf(gate)).connections === 0 ? true : undefined), { timeoutMs: 3000, everyMs: 50 });
    assert.ok(free);
    socket.destroy();
  }
});
