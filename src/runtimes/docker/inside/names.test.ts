import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { answerNames } from './names.mjs';

const ASKED = Buffer.from('4c50010000010000000000010178047465737400000100010000290400000000000000', 'hex');
const REFUSED = '4c5081050001000000000000017804746573740000010001';

/** A port that nothing has, for both protocols. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = addressOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

function addressOf(server: Server): { readonly port: number } {
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address;
}

/** Sends datagrams and gives what comes back within a time. */
async function ask(port: number, messages: readonly Buffer[], wanted: number, timeoutMs = 1000): Promise<readonly Buffer[]> {
  const socket = createSocket('udp4');
  const answers: Buffer[] = [];
  socket.on('message', (answer) => answers.push(answer));
  for (const message of messages) socket.send(message, port, '127.0.0.1');
  for (const endMs = performance.now() + timeoutMs; answers.length < wanted && performance.now() < endMs;) await sleep(10);
  socket.close();
  return answers;
}

/** Stands for the gate: keeps what it reads, and answers each message with its own bytes in upper case unless it is told to be silent. */
async function standInGate(silent = false): Promise<{ readonly port: number; readonly read: Buffer[]; readonly close: () => void }> {
  const read: Buffer[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    let bytes = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, Buffer.from(chunk)]);
      while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
        const end = 2 + bytes.readUInt16BE(0);
        read.push(bytes.subarray(2, end));
        if (!silent) for (const byte of bytes.subarray(0, end)) socket.write(Buffer.from([byte]));
        bytes = bytes.subarray(end);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: addressOf(server).port, read, close: () => void [server.close(), ...[...open].map((socket) => socket.destroy())] };
}

test('answerNames: no gate to tell -> refused at once with its own question and nothing else; no question gets no answer', async (t) => {
  const port = await freePort();
  t.after(answerNames('127.0.0.1', undefined, port));
  const answer = Buffer.from(ASKED);
  answer.writeUInt8(0x81, 2);
  const answers = await ask(port, [Buffer.alloc(5), answer, ASKED], 2, 300);
  assert.deepEqual(
    answers.map((one) => one.toString('hex')),
    [REFUSED],
  );
});

test('answerNames: a gate -> it gets each question, and each asker its own answer, in whatever pieces it comes', async (t) => {
  const gate = await standInGate();
  const port = await freePort();
  t.after(answerNames('127.0.0.1', { host: '127.0.0.1', port: gate.port }, port));
  const questions = Array.from({ length: 20 }, (_, index) => Buffer.concat([Buffer.from([0, index]), Buffer.alloc(12 + index)]));
  const all = await Promise.all(questions.map((one) => ask(port, [one], 1)));
  assert.deepEqual(
    all,
    questions.map((one) => [one]),
  );
  assert.equal(gate.read.length, 20);
  gate.close();
});

test('answerNames: a message that is too long -> the gate gets its beginning', async (t) => {
  const gate = await standInGate();
  const port = await freePort();
  t.after(answerNames('127.0.0.1', { host: '127.0.0.1', port: gate.port }, port));
  const [answer] = await ask(port, [Buffer.alloc(3000)], 1);
  assert.equal(answer?.length, 1023);
  gate.close();
});

test('answerNames: a silent gate -> nobody is answered, a flood stays bounded, and a gate that is back is asked again', async (t) => {
  const silent = await standInGate(true);
  const port = await freePort();
  const to = { host: '127.0.0.1', port: silent.port };
  t.after(answerNames('127.0.0.1', to, port));
  assert.deepEqual(
    await ask(
      port,
      Array.from({ length: 400 }, () => ASKED),
      1,
      300,
    ),
    [],
  );
  assert.ok(silent.read.length <= 256, String(silent.read.length));
  silent.close();
  const gate = await standInGate();
  to.port = gate.port;
  // The old connection ends at its time limit.
  await sleep(2200);
  assert.equal((await ask(port, [ASKED], 1)).length, 1);
  gate.close();
});

test('answerNames: a question over TCP -> it is the gate that is asked', async (t) => {
  const gate = await standInGate();
  const port = await freePort();
  t.after(answerNames('127.0.0.1', { host: '127.0.0.1', port: gate.port }, port));
  await sleep(50);
  const socket = connect(port, '127.0.0.1');
  socket.write(Buffer.concat([Buffer.from([0, ASKED.length]), ASKED]));
  let got = Buffer.alloc(0);
  for await (const chunk of socket) {
    got = Buffer.concat([got, Buffer.from(chunk)]);
    if (got.length >= ASKED.length + 2) break;
  }
  assert.deepEqual(got.subarray(2), ASKED);
  gate.close();
});

test('answerNames: a port that it may not have -> nothing is thrown', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.after(answerNames('127.0.0.1', { host: '127.0.0.1', port: 1 }, addressOf(taken).port));
  await sleep(100);
  taken.close();
});
