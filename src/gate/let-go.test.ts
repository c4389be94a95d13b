import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { letGoWhenClosed } from './let-go.ts';

test('letGoWhenClosed: a socket closes -> all who listen hear of it, then nobody listens, and a late error harms nobody', async () => {
  const socket = new Socket();
  letGoWhenClosed(socket);
  const heard: string[] = [];
  socket.on('data', () => {});
  socket.on('error', (error) => heard.push(error.message));
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.on('close', () => heard.push('close'));
  socket.destroy(new Error('broken'));
  await closed;
  assert.deepEqual(heard, ['broken', 'close']);
  assert.deepEqual(
    ['data', 'close', 'error'].map((name) => socket.listenerCount(name)),
    [0, 0, 1],
  );
  assert.equal(socket.emit('error', new Error('late')), true);
  assert.equal(heard.length, 2);
});
