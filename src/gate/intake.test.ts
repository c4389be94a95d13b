import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Socket, connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../core/wait.ts';
import { Intake } from './intake.ts';

type Wire = { readonly client: Socket; readonly accepted: Socket; readonly intake: Intake };

async function wire(t: TestContext): Promise<Wire> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  const accepting = once(server, 'connection');
  const client = connect(address.port, '127.0.0.1').on('error', () => {});
  const [accepted] = await accepting;
  accepted.on('error', () => {});
  t.after(() => [client.destroy(), accepted.destroy(), server.close()]);
  return { client, accepted, intake: new Intake(accepted) };
}

/** A line, without its end. */
const line = (bytes: Buffer): string | undefined => {
  const end = bytes.indexOf('\n');
  return end < 0 ? undefined : bytes.toString('latin1', 0, end);
};
const limits = { maxBytes: 16, timeoutMs: 2000, used: (value: string): number => value.length + 1 };

test('Intake: a line in pieces, two at once, what nobody read -> one after the other, and the rest for whoever comes next', async (t) => {
  const { client, intake } = await wire(t);
  const first = intake.read(line, limits);
  client.write('on');
  await sleep(20);
  client.write('e\ntwo\nrest');
  assert.equal(await first, 'one');
  assert.equal(await intake.read(line, limits), 'two');
  const { rest, ended } = intake.release();
  assert.deepEqual([rest.toString(), ended], ['rest', false]);
});

test('Intake: nobody waits -> one piece is taken and no more, until somebody does', async (t) => {
  const { client, accepted, intake } = await wire(t);
  client.write('one\n');
  assert.equal(await until(async () => accepted.isPaused() || undefined, { timeoutMs: 2000, everyMs: 5 }), true);
  const before = accepted.bytesRead;
  assert.equal(before, 4);
  for (let piece = 0; piece < 40; piece += 1) client.write(Buffer.alloc(65_536, 'x'));
  await sleep(100);
  // What Node reads ahead of a paused stream; the rest waits with the sender.
  assert.ok(accepted.bytesRead - before < 4 * 65_536, String(accepted.bytesRead));
  assert.equal(await intake.read(line, limits), 'one');
  assert.deepEqual(await intake.read(line, limits).then((read) => (typeof read === 'string' ? read : read.failed)), 'too-long');
});

for (const [situation, act, expected] of [
  ['the client ends before a line is whole', (client: Socket) => client.end('on'), { failed: 'closed', bytes: 2 }],
  ['more than may be', (client: Socket) => client.write('x'.repeat(20)), { failed: 'too-long', bytes: 20 }],
  ['nothing comes', () => {}, { failed: 'timeout', bytes: 0 }],
] as const) {
  test(`Intake: ${situation} -> ${expected.failed}`, async (t) => {
    const { client, intake } = await wire(t);
    act(client);
    assert.deepEqual(await intake.read(line, { ...limits, timeoutMs: expected.failed === 'timeout' ? 30 : 2000 }), expected);
  });
}

test('Intake: the client ended while nobody waited -> what it sent is read, then closed', async (t) => {
  const { client, accepted, intake } = await wire(t);
  client.end('one\n');
  await until(async () => accepted.isPaused() || undefined, { timeoutMs: 2000, everyMs: 5 });
  assert.equal(await intake.read(line, limits), 'one');
  assert.deepEqual(await intake.read(line, limits), { failed: 'closed', bytes: 0 });
});

test('Intake: whoever reads throws -> the wait ends with that', async (t) => {
  const { client, intake } = await wire(t);
  client.write('x');
  const broken = (): string => {
    throw new Error('broken');
  };
  await assert.rejects(intake.read(broken, limits), /broken/);
});

test('Intake: the socket closes -> whoever took over hears of it once, then nobody listens, and a late error harms nobody', async (t) => {
  const { client, accepted, intake } = await wire(t);
  const heard: string[] = [];
  intake.onGone = () => heard.push('gone');
  intake.handTo({ onBytes: (bytes) => heard.push(String(bytes)), onEnd: () => heard.push('end'), onClose: () => heard.push('close') });
  const closed = once(accepted, 'close');
  client.end('x');
  await once(accepted, 'end');
  accepted.end();
  await closed;
  assert.deepEqual(heard, ['x', 'end', 'gone', 'close']);
  assert.deepEqual(
    ['data', 'close', 'error'].map((name) => accepted.listenerCount(name)),
    [0, 0, 1],
  );
  assert.equal(accepted.emit('error', new Error('late')), true);
});
