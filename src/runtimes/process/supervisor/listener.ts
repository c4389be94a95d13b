import { renameSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

/** A Unix listener made here for a service: its descriptor is handed in, `publish` makes it reachable and drops this side's copy. */
export type UnixListener = {
  readonly fd: number;
  publish(): void;
  /** Closes it without ever having been reachable. */
  drop(): void;
};

/**
 * Listens at `path`.tmp. Only ever a Unix socket: a TCP listener handed into another network namespace can be shut down
 * and connected again from there, into the host's network (measured).
 * The path is relative and short; whoever may search its folder may connect.
 */
export async function listenUnix(path: string): Promise<UnixListener> {
  const temporary = `${path}.tmp`;
  rmSync(temporary, { force: true });
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path: temporary, readableAll: true, writableAll: true }, resolve);
  });
  return {
    fd: descriptorOf(server),
    publish: () => {
      // Renamed before it is closed: closing removes the path that was bound.
      renameSync(temporary, path);
      server.close();
    },
    drop: () => server.close(),
  };
}

function descriptorOf(server: Server): number {
  const handle: unknown = Reflect.get(server, '_handle');
  const fd: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  if (typeof fd !== 'number' || fd < 0) throw new TypeError('a listener without a descriptor');
  return fd;
}
