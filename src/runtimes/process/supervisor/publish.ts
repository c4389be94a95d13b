import { createServer, connect, type Server, type Socket } from 'node:net';

import { Problem, reasonOf } from '../../../core/problem.ts';

/** A port of the host that leads to a service's listener. */
export type Publication = { close(): void };

/**
 * Forwards `address:port` to a Unix socket, byte by byte: OpenClaw refuses a proxy that speaks HTTP (`X-Forwarded-For`).
 * While the service is away, a connection is closed at once. A port in use is a Problem.
 */
export async function publish(service: string, address: string, port: number, socket: string): Promise<Publication> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    const inner = connect({ path: socket, allowHalfOpen: true });
    for (const [one, other] of [
      [client, inner],
      [inner, client],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await listen(server, service, address, port);
  return {
    close: () => {
      server.close();
      for (const one of open) one.destroy();
    },
  };
}

function listen(server: Server, service: string, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portProblem(service, address, port, error)));
    server.listen({ host: address, port }, () => {
      server.on('error', () => undefined);
      resolve();
    });
  });
}

function portProblem(service: string, address: string, port: number, error: NodeJS.ErrnoException): Problem {
  if (error.code === 'EADDRINUSE') {
    return new Problem('process/port-in-use', `port ${port} on ${address} is in use by another program`, {
      cause: `${service} publishes its page there, and something else already listens`,
      fix: `find it with: ss -ltnp 'sport = :${port}' ; stop it, or set another port in lobsterpot.yaml, then run: lobsterpot up`,
      from: error,
    });
  }
  return new Problem('process/port', `cannot listen on port ${port} of ${address} for ${service}`, {
    cause: reasonOf(error),
    fix: 'set a port above 1023 on 127.0.0.1 in lobsterpot.yaml, then run: lobsterpot up',
    from: error,
  });
}
