import { stableJson } from '../core/json.ts';
import type { EgressPolicy } from '../policy/policy.ts';
import { gateService } from './gate-service.ts';
import type { Service } from './service.ts';

/** Loopback ports inside: what is Squid's own, and from here on one a client. */
const PORTS = { healthPort: 19_001, logPort: 19_002, hopPort: 19_003 } as const;
const SETTINGS = 'squid.json';
const FIRST_CLIENT_PORT = 19_101;

/** Is it a gate with Squid in its place? */
export function isSquid({ files }: Pick<Service, 'files'>): boolean {
  return files.some(({ name }) => name === SETTINGS);
}

/** Squid in the gate's place, under the same name, for the same clients, with the same policy and the same operator's side. */
export function squidService(
  host: string,
  policy: EgressPolicy,
  clients: readonly string[],
  bundle: string,
  more: { readonly trailDays?: number | undefined } = {},
): Service {
  const gate = gateService(host, policy, clients, bundle, { routes: [], ...more });
  const ports = clients.map((client, index) => ({ client, port: FIRST_CLIENT_PORT + index }));
  return {
    ...gate,
    command: ['{node}', '/config/keeper.mjs', '/config/gate.json', `/config/${SETTINGS}`],
    files: [
      { name: 'keeper.mjs', content: bundle },
      {
        name: 'squid.json',
        content: stableJson({ version: 1, squid: '/usr/sbin/squid', ...PORTS, clients: ports, folder: '/run/lobsterpot' }),
      },
      ...gate.files.filter(({ name }) => name === 'gate.json' || name === 'policy.json'),
    ],
    health: { ...gate.health, timeoutMs: 30_000 },
    stopGraceMs: 5000,
  };
}
