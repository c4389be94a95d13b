import { stableJson } from '../core/json.ts';
import { GATE_NODE_FLAGS } from '../policy/gate-protocol.ts';
import type { Peer } from '../policy/peer.ts';
import type { EgressPolicy, Rule } from '../policy/policy.ts';
import { CA_FILE, INSIDE } from '../openclaw/inside-paths.ts';
import { GATE } from './names.ts';
import type { BudgetEntry } from '../topology/deployment.ts';
import type { Service } from './service.ts';

/** First descriptor of a service's listeners; 0-2 are the usual ones, 3 is the life line. */
const FIRST_LISTENER = 4;

/** The gate's listener for one client: whoever connects there is that client. */
export function egressListener(client: string): string {
  return `egress-${client}`;
}

/** A provider, or another agent (`provider: a2a`), that a client asks without a key: the gate adds the secret. */
export type GateRoute = {
  readonly client: string;
  readonly provider: string;
  readonly peer?: Peer;
  readonly secret: string;
  /** What of the provider's list is passed on, by its names there; absent: all. */
  readonly only?: readonly string[];
  readonly budget?: BudgetEntry;
};

/** The gate of one host: the only way out for its clients, and it knows of no others. */
export function gateService(
  host: string,
  policy: EgressPolicy,
  clients: readonly string[],
  bundle: string,
  more: { readonly routes: readonly GateRoute[]; readonly ca?: string | undefined; readonly trailDays?: number | undefined } = {
    routes: [],
  },
): Service {
  const { routes, trailDays: days } = more;
  // Only for its own connections to providers: what it passes through is checked by whoever it is for.
  const ca = routes.length === 0 ? undefined : more.ca;
  const listeners = [{ name: 'control' }, ...clients.map((client) => ({ name: egressListener(client) }))];
  return {
    name: GATE,
    role: 'gate',
    key: GATE,
    host,
    hostname: GATE,
    command: ['{node}', ...GATE_NODE_FLAGS, '/config/gate.mjs', '/config/gate.json'],
    env: ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: `${INSIDE.config}/${CA_FILE}` },
    files: [
      { name: 'gate.mjs', content: bundle },
      {
        name: 'gate.json',
        content: stableJson({
          version: 1,
          listeners: [
            { fd: FIRST_LISTENER, kind: 'control' },
            ...clients.map((client, index) => ({ fd: FIRST_LISTENER + 1 + index, kind: 'egress', client })),
          ],
          policyFile: '/config/policy.json',
          overridesFile: '/config/overrides.json',
          trail: { folder: '/state/trail', ...(days === undefined ? {} : { days }) },
          ...(routes.length === 0
            ? {}
            : {
                accountsFile: '/state/routes.json',
                routes: routes.map(({ client, provider, peer, secret, only, budget }) => ({
                  client,
                  provider,
                  ...(peer ? { peer } : {}),
                  secretFile: `${INSIDE.secrets}/${secret}`,
                  ...(only ? { only: [...only] } : {}),
                  ...(budget ? { budget } : {}),
                })),
              }),
        }),
      },
      { name: 'policy.json', content: stableJson(rulesFor(policy, clients)), hot: true },
      ...(ca === undefined ? [] : [{ name: CA_FILE, content: ca }]),
    ],
    secrets: [...new Set(routes.map(({ secret }) => secret))].map((name) => ({ name, file: name })),
    network: 'outside',
    listeners,
    forwards: [],
    published: [],
    limits: { memoryMiB: 256, processes: 32, openFiles: 8192, fileMiB: 256, tmpMiB: 16 },
    health: { kind: 'ready-line', text: 'gate: ready', timeoutMs: 15_000, ask: { listener: 'control', line: '{"op":"ping"}' } },
    after: [],
    stopGraceMs: 3000,
  };
}

/** The policy without the rules of clients on other hosts. */
function rulesFor(policy: EgressPolicy, clients: readonly string[]): EgressPolicy {
  const concerns = ({ client }: Rule): boolean => client === undefined || clients.includes(client);
  return { ...policy, allow: policy.allow.filter(concerns), deny: policy.deny.filter(concerns) };
}
