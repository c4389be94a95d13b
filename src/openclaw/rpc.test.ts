import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Redacted } from '../core/redacted.ts';
import { withGateway } from './rpc.ts';

const token = new Redacted('the-token-itself');

function portOf(address: string | AddressInfo | null): number {
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

test('withGateway: nobody listens -> a problem at once, without the token', async () => {
  const start = performance.now();
  await assert.rejects(
    withGateway({ url: 'ws://127.0.0.1:1', token, timeoutMs: 5000 }, async () => 1),
    (error: unknown) => {
      assert.match(inspect(error), /openclaw\/gateway-connect/);
      assert.doesNotMatch(inspect(error, { depth: 9 }), /the-token-itself/);
      return true;
    },
  );
  assert.ok(performance.now() - start < 4000);
});

test('withGateway: a listener that never answers -> a problem at the time limit', async () => {
  const sockets: { destroy(): void }[] = [];
  const server = createServer((socket) => sockets.push(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const start = performance.now();
    const url = `ws://127.0.0.1:${portOf(server.address())}`;
    await assert.rejects(
      withGateway({ url, token, timeoutMs: 600 }, async () => 1),
      { code: 'openclaw/gateway-connect' },
    );
    assert.ok(performance.now() - start < 4000);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});
