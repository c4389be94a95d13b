import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type Server, Socket, connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../core/wait.ts';
import { dial } from './dial.ts';
import { Intake } from './intake.ts';
import { Relay } from './relay.ts';
import type { Upstream } from './upstream.ts';

type Wire = {
  readonly client: Socket;
  readonly server: Socket;
  readonly done: Promise<'closed' | 'error'>;
  readonly upstream: Upstream;
  readonly count: { up: number; down: number; lastMs: number };
};

async function listen(t: TestContext): Promise<Server> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  return address.port;
}

/** Resolves when it is over. */
function relay(intake: Intake, upstream: Upstream, options: Omit<ConstructorParameters<typeof Relay>[2], 'onOver'>): Wire['done'] {
  return new Promise((resolve) => {
    new Relay(intake, upstream, { ...options, onOver: resolve }).start();
  });
}

/** client - gate's accepted socket - relay - dialled upstream - server. */
async function wire(t: TestContext, limitUp?: (bytes: Uint8Array) => Uint8Array | undefined): Promise<Wire> {
  const [front, back] = [await listen(t), await listen(t)];
  const client = connect({ port: portOf(front), allowHalfOpen: true });
  const [accepted] = await once(front, 'connection');
  const arriving = once(back, 'connection');
  const intake = new Intake(accepted);
  const upstream = await dial(['127.0.0.1'], portOf(back), 2000, intake);
  assert.ok('socket' in upstream);
  const [server] = await arriving;
  for (const socket of [client, accepted, server]) socket.on('error', () => {});
  t.after(() => [client, server].forEach((socket) => socket.destroy()));
  const count = { up: 0, down: 0, lastMs: 0 };
  const done = relay(intake, upstream, { head: Buffer.from('first '), count, ...(limitUp ? { limitUp } : {}) });
  return { client, server, done, count, upstream };
}

async function digestOf(socket: Socket): Promise<{ readonly length: number; readonly digest: string }> {
  const digest = createHash('sha256');
  let length = 0;
  socket.on('data', (chunk: Buffer) => {
    digest.update(chunk);
    length += chunk.length;
  });
  await once(socket.resume(), 'end');
  return { length, digest: digest.digest('hex') };
}

test('relay: many megabytes both ways, a slow reader -> every byte in order, counted', async (t) => {
  const { client, server, done, count } = await wire(t);
  const block = randomBytes(1_000_003);
  const times = 20;
  const send = async (socket: Socket): Promise<void> => {
    for (let index = 0; index < times; index += 1) if (!socket.write(block)) await once(socket, 'drain');
    socket.end();
  };
  client.pause();
  const sending = Promise.all([send(client), send(server)]);
  await sleep(100);
  const [atClient, atServer] = await Promise.all([digestOf(client), digestOf(server), sending]);
  const whole = Buffer.concat(Array.from({ length: times }, () => block));
  const expected = (bytes: Buffer): object => ({ length: bytes.length, digest: createHash('sha256').update(bytes).digest('hex') });
  assert.deepEqual(atClient, expected(whole));
  assert.deepEqual(atServer, expected(Buffer.concat([Buffer.from('first '), whole])));
  assert.equal(await done, 'closed');
  assert.deepEqual([count.up, count.down], [whole.length, whole.length]);
});

test('relay: a reader that does not read -> the sender is held back', async (t) => {
  const { client, server, count } = await wire(t);
  client.pause();
  const block = Buffer.alloc(1_000_000);
  for (let index = 0; index < 60; index += 1) server.write(block);
  await sleep(300);
  const held = count.down;
  await sleep(200);
  assert.equal(count.down, held);
  assert.ok(held < 30_000_000, String(held));
});

/** All that arrives until the other side ends; the socket stays open for writing, unlike with its async iterator. */
async function textOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(socket, 'end');
  return text;
}

test('relay: the client ends first -> the server still answers', async (t) => {
  const { client, server, done } = await wire(t);
  client.end('question');
  assert.equal(await textOf(server), 'first question');
  server.end('answer');
  assert.equal(await textOf(client), 'answer');
  assert.equal(await done, 'closed');
});

test('relay: the server ends first -> the client can still send', async (t) => {
  const { client, server, done } = await wire(t);
  server.end('early');
  assert.equal(await textOf(client), 'early');
  client.end('late');
  assert.equal(await textOf(server), 'first late');
  assert.equal(await done, 'closed');
});

test('relay: one side breaks off -> the other is closed', async (t) => {
  for (const side of ['client', 'server'] as const) {
    const made = await wire(t);
    await once(made.server, 'data');
    made[side].resetAndDestroy();
    await made.done;
    const other = side === 'client' ? made.server : made.client;
    if (!other.readableEnded && !other.closed) await Promise.race([once(other.resume(), 'end'), once(other, 'close')]);
  }
});

test('relay: what is beyond the limit -> breaks off and does not go upstream', async (t) => {
  const { client, server, done } = await wire(t, (bytes) => (Buffer.from(bytes).includes('smuggled') ? undefined : bytes));
  client.write('smuggled');
  assert.deepEqual([await textOf(server), await done], ['first ', 'error']);
});

test('dial: nobody answers, or the client goes away -> failed, in time', async () => {
  const client = new Intake(new Socket());
  const refused = await dial(['127.0.0.1'], 1, 2000, client);
  assert.match('failed' in refused ? refused.failed : '', /ECONNREFUSED/);
  client.socket.destroy();
  assert.deepEqual(await dial(['127.0.0.1'], 1, 2000, client), { failed: 'the client went away' });
});

test('relay: the client was gone before it began -> ends, and so does the upstream', async (t) => {
  const [front, back] = [await listen(t), await listen(t)];
  connect({ port: portOf(front) }).on('error', () => {});
  const [accepted] = await once(front, 'connection');
  const arriving = once(back, 'connection');
  const intake = new Intake(accepted);
  const upstream = await dial(['127.0.0.1'], portOf(back), 2000, intake);
  assert.ok('socket' in upstream);
  const [server] = await arriving;
  t.after(() => server.destroy());
  accepted.destroy();
  await once(accepted, 'close');
  const ended = relay(intake, upstream, { count: { up: 0, down: 0, lastMs: 0 } });
  const late = sleep(2000, 'still open', { ref: false });
  assert.notEqual(await Promise.race([ended, late]), 'still open');
  assert.equal(upstream.socket.destroyed, true);
});

/** Waits until exactly this has come. */
async function hears(socket: Socket, expected: string): Promise<void> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await until(async () => text.length >= expected.length || undefined, { timeoutMs: 2000, everyMs: 2 });
  assert.equal(text, expected);
}

test('relay: one after the other on the same socket, as long as each ends in order -> nothing of one is in the next', async (t) => {
  const sockets = new Set<Socket>();
  for (const [index, end] of (['client', 'server', 'break', 'client', 'client'] as const).entries()) {
    const { client, server, done, upstream } = await wire(t);
    sockets.add(upstream.socket);
    client.write(`question ${index}`);
    await hears(server, `first question ${index}`);
    server.write(`answer ${index}`);
    await hears(client, `answer ${index}`);
    if (end === 'break') server.resetAndDestroy();
    else (end === 'client' ? client : server).end();
    await once((end === 'client' ? server : client).resume(), 'end').catch(() => {});
    if (end !== 'break') (end === 'client' ? server : client).end();
    assert.equal(await done, end === 'break' ? 'error' : 'closed');
  }
  // The one that broke off was not used again.
  assert.equal(sockets.size, 2);
});

test('relay: both ended, but the server is slow to take what is left -> it gets all of it', async (t) => {
  const { client, server, done } = await wire(t);
  server.pause();
  const block = randomBytes(8_000_000);
  client.end(block);
  server.end('answer');
  assert.equal(await textOf(client), 'answer');
  await sleep(200);
  const { length } = await digestOf(server);
  assert.equal(length, block.length + 'first '.length);
  assert.equal(await done, 'closed');
});
