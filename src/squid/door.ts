import type { Socket } from 'node:net';
import { Attempt } from '../gate/attempt.ts';
import { readRequestHead, refuseRequest } from '../gate/connection.ts';
import { dial } from '../gate/dial.ts';
import { Relay } from '../gate/relay.ts';
import { readRequest } from '../gate/request.ts';
import { serveNames } from '../gate/serve-names.ts';
import type { Tunnel } from '../gate/tunnels.ts';
import type { Target } from '../policy/policy.ts';
import type { Keeper } from './keeper.ts';

/**
 * Takes a client's connection as the gate does and gives it to Squid at `port`: the head is read by the gate's own strict reader and
 * written anew, so that Squid reads the one spelling that the policy is written in. Squid decides, and its log says what came of it.
 */
export async function serveAtDoor(keeper: Keeper, client: string, socket: Socket, port: number): Promise<void> {
  const attempt = new Attempt(keeper, client, socket);
  const head = await readRequestHead(attempt);
  if (!head) return;
  if (head === 'names') return serveNames(attempt);
  const request = readRequest(head);
  if (request.kind === 'refused') return refuseRequest(attempt, request);
  const { target } = request;
  const place = { host: target.host, port: target.port };
  if (request.kind === 'forward') {
    const verdict = keeper.judge(target, client);
    const detail = 'behind Squid only CONNECT passes';
    return attempt.deny({ via: 'http', ...place, detail }, verdict.allowed ? { allowed: false, reason: 'bad-request' } : verdict);
  }
  const upstream = await dial(['127.0.0.1'], port, keeper.settings.limits.connectMs, attempt.intake);
  if ('failed' in upstream) {
    return attempt.deny({ via: 'connect', ...place, detail: 'Squid takes no connection' }, { allowed: false, reason: 'upstream-failed' });
  }
  const sinceMs = performance.now();
  const count = { up: 0, down: 0, lastMs: sinceMs };
  const onOver = (): void => keeper.tunnels.remove(tunnel);
  const relay = new Relay(attempt.intake, upstream, { head: connectHead(target), count, onOver });
  const tunnel: Tunnel = {
    id: keeper.tunnels.nextId(),
    client,
    target,
    address: upstream.address,
    count,
    sinceMs,
    destroy: () => relay.destroy(),
  };
  keeper.opened(tunnel, upstream.socket.localPort);
  relay.start();
}

function connectHead({ host, port }: Target): Buffer {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return Buffer.from(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`, 'latin1');
}
