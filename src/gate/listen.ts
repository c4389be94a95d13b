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

const LIMIT_RECORD_MS = 1000;

function admitter(gate: Gate, client: string, complain: (message: string) => void): (socket: Socket) => void {
  let turnedAway = 0;
  let recordedMs = Number.NEGATIVE_INFINITY;
  const turnAway = (socket: Socket, limit: string): void => {
    turnedAway += 1;
    // One record a second: a flood must not push everything else out of the trail.
    if (performance.now() - recordedMs >= LIMIT_RECORD_MS) {
      recordedMs = performance.now();
      gate.record({
        kind: 'decision',
        client,
        verdict: 'deny',
        reason: 'limit',
        via: 'none',
        host: '',
        port: 0,
        detail: `${limit}: ${turnedAway} connections turned away`,
      });
      turnedAway = 0;
    }
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
