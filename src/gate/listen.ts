import { type Server, type Socket, createServer } from 'node:net';
import { reasonOf } from '../core/problem.ts';
import { serveConnection } from './connection.ts';
import { serveControl } from './control.ts';
import { renderDenial } from './denial.ts';
import type { Gate } from './gate.ts';
import type { GateListener } from './settings.ts';

/** Takes over one inherited Unix listener and serves it. Resolves when it listens. */
export function listenOn(gate: Gate, listener: GateListener, complain: (message: string) => void): Promise<Server> {
  const serve =
    listener.kind === 'control' ? (socket: Socket): void => serveControl(gate, socket) : admitter(gate, listener.client, complain);
  const server = createServer({ allowHalfOpen: true }, serve);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ fd: listener.fd }, () => {
      server.off('error', reject);
      server.on('error', (error) => complain(`listener ${listener.fd}: ${error.message}`));
      resolve(server);
    });
  });
}

function admitter(gate: Gate, client: string, complain: (message: string) => void): (socket: Socket) => void {
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
    socket.once('close', () => gate.admission.leave(client));
    socket.on('error', () => {});
    serveConnection(gate, client, socket).catch((error: unknown) => {
      complain(`a connection of ${client} failed: ${reasonOf(error)}`);
      socket.destroy();
    });
  };
}
