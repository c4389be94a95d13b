import { chmodSync, renameSync, rmSync } from 'node:fs';
import { type ListenOptions, type Server, type Socket, createServer } from 'node:net';
import { reasonOf } from '../core/problem.ts';
import { serveConnection } from './connection.ts';
import { serveControl } from './control.ts';
import { renderDenial } from './denial.ts';
import type { Gate } from './gate.ts';
import { type GateListener, type ListenerPlace, placeText } from './listener-settings.ts';

/** Serves one connection of a client, from its first byte to its end. */
export type ServeClient = (client: string, socket: Socket) => Promise<void>;

/** Takes over one inherited listener, or makes it, and serves it. Resolves when it listens. */
export function listenOn(
  gate: Gate,
  listener: GateListener,
  complain: (message: string) => void,
  serveClient: ServeClient = (client, socket) => serveConnection(gate, client, socket),
): Promise<Server> {
  const serve =
    listener.kind === 'control'
      ? (socket: Socket): void => serveControl(gate, socket)
      : admitter(gate, listener.client, { complain, serveClient });
  const server = createServer({ allowHalfOpen: true }, serve);
  if ('path' in listener) rmSync(`${listener.path}.tmp`, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(bindingOf(listener), () => {
      server.off('error', reject);
      server.on('error', (error) => complain(`${placeText(listener)}: ${error.message}`));
      try {
        if ('path' in listener) putInPlace(listener);
        resolve(server);
      } catch (error) {
        reject(error);
      }
    });
  });
}

function bindingOf(place: ListenerPlace): ListenOptions & { readonly fd?: number } {
  if ('fd' in place) return { fd: place.fd };
  return 'path' in place ? { path: `${place.path}.tmp` } : { host: place.host, port: place.port };
}

/** In one step, also where an earlier gate was killed and left its own. */
function putInPlace({ path, kind }: { readonly path: string; readonly kind: GateListener['kind'] }): void {
  // Whoever may search the folder of a client's socket may connect, as that client; the control socket is its owner's alone.
  chmodSync(`${path}.tmp`, kind === 'control' ? 0o600 : 0o666);
  renameSync(`${path}.tmp`, path);
}

function admitter(
  gate: Gate,
  client: string,
  { complain, serveClient }: { readonly complain: (message: string) => void; readonly serveClient: ServeClient },
): (socket: Socket) => void {
  const turnAway = (socket: Socket, limit: 'client-limit' | 'total-limit'): void => {
    gate.turnedAway(client, limit);
    socket.on('error', () => {});
    socket.end(
      renderDenial({ policy: gate.policyName(client), host: '', port: 0, verdict: { allowed: false, reason: 'limit' }, detail: limit }),
    );
    socket.destroySoon();
  };
  return (socket) => {
    const entered = gate.admission.enter(client);
    if (entered !== 'entered') return turnAway(socket, entered);
    socket.on('close', () => gate.admission.leave(client));
    socket.on('error', () => {});
    serveClient(client, socket).catch((error: unknown) => {
      complain(`a connection of ${client} failed: ${reasonOf(error)}`);
      socket.destroy();
    });
  };
}
