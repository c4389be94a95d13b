import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, ListenOptions, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostCanary } from './subject.ts';

/**
 * Opens a port on the loopback or, for containers, on every address, a Unix socket and (Linux) an abstract socket on this host while `use` runs. Each is reached from here first:
 * what cannot be reached by the host itself proves nothing when it is not reached from inside, so then there is no canary.
 */
export async function withHostCanary<T>(address: '127.0.0.1' | '0.0.0.0', use: (canary: HostCanary | undefined) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'lobsterpot-'));
  const abstractName = `lobsterpot-${randomBytes(8).toString('hex')}`;
  const socketPath = join(folder, 'canary.sock');
  const servers: Server[] = [];
  try {
    const tcp = await listen(servers, { host: address, port: 0 });
    const places: readonly ListenOptions[] = [
      { path: socketPath },
      ...(process.platform === 'linux' ? [{ path: `\0${abstractName}` }] : []),
    ];
    for (const place of places) await listen(servers, place);
    const port = portOf(tcp.address());
    const reached = await Promise.all(
      [{ host: '127.0.0.1', port }, { path: socketPath }, ...(process.platform === 'linux' ? [{ path: `\0${abstractName}` }] : [])].map(
        isReached,
      ),
    );
    return await use(port > 0 && reached.every(Boolean) ? { port, abstractName, socketPath } : undefined);
  } finally {
    for (const server of servers) server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function listen(servers: Server[], place: ListenOptions): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  servers.push(server);
  server.listen(place);
  await once(server, 'listening');
  return server;
}

function isReached(place: { readonly host?: string; readonly port: number } | { readonly path: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ ...place, timeout: 2000 });
    const end = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}

function portOf(address: string | AddressInfo | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
