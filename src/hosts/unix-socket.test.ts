import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, suite, test } from 'node:test';

import { askUnix, connectUnix, withSocketPath } from './unix-socket.ts';

suite('unix sockets', { skip: process.platform === 'linux' ? false : 'long paths need /proc/self/fd' }, () => {
  let folder: string;
  let servers: Server[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lobsterpot-socket-'));
    servers = [];
  });
  afterEach(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function serve(path: string, answer: string | undefined): Promise<void> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => (answer === undefined ? undefined : socket.end(answer)));
    });
    servers.push(server);
    await withSocketPath(path, (short) => new Promise<void>((resolve) => server.listen(short, resolve)));
  }

  for (const [name, sub] of [
    ['a short path', ''],
    ['a path of more than 107 bytes', 'long-folder-name/'.repeat(10)],
  ] as const) {
    test(`askUnix: ${name} -> the one line, no descriptor is left`, async () => {
      mkdirSync(join(folder, sub), { recursive: true });
      const path = join(folder, sub, 'in.sock');
      await serve(path, '{"ok":true}\nmore');
      await askUnix(path, '{}', { timeoutMs: 2000 });
      const before = readdirSync('/proc/self/fd').length;
      assert.equal(await askUnix(path, '{}', { timeoutMs: 2000 }), '{"ok":true}');
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.ok(readdirSync('/proc/self/fd').length <= before);
    });
  }

  test('askUnix: no answer -> rejected in time', async () => {
    const path = join(folder, 'mute.sock');
    await serve(path, undefined);
    await assert.rejects(askUnix(path, '{}', { timeoutMs: 150 }), /no answer within 150 ms/);
  });

  test('askUnix: an end without a line, an endless line -> rejected', async () => {
    await serve(join(folder, 'cut.sock'), 'half');
    await assert.rejects(askUnix(join(folder, 'cut.sock'), '{}', { timeoutMs: 2000 }), /ended without an answer/);
    await serve(join(folder, 'long.sock'), 'x'.repeat(5000));
    await assert.rejects(askUnix(join(folder, 'long.sock'), '{}', { timeoutMs: 2000, maxBytes: 1000 }), /too long/);
  });

  test('connectUnix: nobody there -> ENOENT', async () => {
    await assert.rejects(connectUnix(join(folder, 'none.sock'), { timeoutMs: 500 }), { code: 'ENOENT' });
  });

  test('withSocketPath: a name that never fits -> a Problem', async () => {
    await assert.rejects(
      withSocketPath(join(folder, 'n'.repeat(120)), () => Promise.resolve()),
      { code: 'hosts/socket-path' },
    );
  });
});
