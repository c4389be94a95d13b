import { GATEWAY_HEALTH_PATH } from '../openclaw/config/commands.ts';
import { INSIDE } from '../openclaw/inside-paths.ts';
import type { GatewayEntry } from '../topology/deployment.ts';
import { gatewayService, ingressService } from './names.ts';
import type { Published, Service } from './service.ts';

/** Where a gateway's Control UI is published, `listener` being that of the service which publishes it. */
export function publishedOf({ bind, port }: GatewayEntry, listener: string): readonly Published[] {
  // Links and lobsterpot itself come to the host's loopback, whatever people are offered beside it.
  return [...new Set([bind, '127.0.0.1'])].map((address) => ({ address, port, listener }));
}

/** The published port of a gateway in a container: Docker publishes none of a service that has no way out. */
export function ingressServiceOf(gateway: GatewayEntry): Service {
  return {
    name: ingressService(gateway.name),
    role: 'ingress',
    key: gateway.name,
    host: gateway.host,
    hostname: ingressService(gateway.name),
    command: [],
    env: {},
    files: [],
    secrets: [],
    network: 'outside',
    listeners: [{ name: 'ui', toPort: INSIDE.gatewayPort }],
    forwards: [{ port: INSIDE.gatewayPort, service: gatewayService(gateway.name), listener: 'ingress' }],
    published: publishedOf(gateway, 'ui'),
    limits: { memoryMiB: 128, processes: 32, openFiles: 4096, fileMiB: 16, tmpMiB: 16 },
    health: { kind: 'http', path: GATEWAY_HEALTH_PATH, timeoutMs: 30_000 },
    after: [gatewayService(gateway.name)],
    stopGraceMs: 3000,
  };
}
