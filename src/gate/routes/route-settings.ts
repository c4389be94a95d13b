import { isRecord } from '../../core/json.ts';
import { type Invalid, unknownKey } from '../../policy/policy-file.ts';
import { type Budget, parseBudget } from './budget/budget.ts';
import { narrowed } from './narrowed.ts';
import { parsePeer } from './parse-peer.ts';
import type { Provider } from './provider.ts';
import { a2aProvider } from './providers/a2a.ts';
import { providerOf } from './providers/all.ts';

/** One route of one client: where it leads, and the file that holds the credential. */
export type RouteSettings = {
  readonly client: string;
  readonly provider: Provider;
  readonly secretFile: string;
  /** Absent: no limit. What is used is counted all the same. */
  readonly budget?: Budget;
};

/** Reads `routes` of gate.json; one that cannot be used makes all of it invalid. */
export function parseRoutes(value: unknown): { readonly list: readonly RouteSettings[] } | Invalid {
  if (!Array.isArray(value)) return { invalid: 'routes is not a list' };
  const list: RouteSettings[] = [];
  for (const [index, entry] of value.entries()) {
    const route = parseRoute(entry);
    if ('invalid' in route) return { invalid: `routes[${index}]: ${route.invalid}` };
    if (list.some((one) => one.client === route.client && one.provider.name === route.provider.name))
      return { invalid: `routes[${index}]: ${route.client} has this route already` };
    list.push(route);
  }
  return { list };
}

function parseRoute(value: unknown): RouteSettings | Invalid {
  if (!isRecord(value)) return { invalid: 'not an object' };
  const unknown = unknownKey(value, ['client', 'provider', 'peer', 'secretFile', 'only', 'budget']);
  if (unknown !== undefined) return { invalid: `unknown key ${JSON.stringify(unknown)}` };
  const { client, secretFile } = value;
  if (typeof client !== 'string' || client === '') return { invalid: 'client is no name' };
  if (typeof secretFile !== 'string' || !secretFile.startsWith('/')) return { invalid: 'secretFile is no absolute path' };
  const whole = parseProvider(value['provider'], value['peer']);
  const provider = 'invalid' in whole ? whole : narrowed(whole, value['only']);
  if ('invalid' in provider) return provider;
  const budget = value['budget'] === undefined ? undefined : parseBudget(value['budget']);
  if (budget && 'invalid' in budget) return budget;
  return { client, provider, secretFile, ...(budget ? { budget } : {}) };
}

/** One that is known here, or the peer that the deployment's file names. */
function parseProvider(name: unknown, peer: unknown): Provider | Invalid {
  if (name === 'a2a') {
    const parsed = parsePeer(peer);
    return 'invalid' in parsed ? parsed : a2aProvider(parsed);
  }
  if (peer !== undefined) return { invalid: 'peer is for provider a2a alone' };
  return (typeof name === 'string' ? providerOf(name) : undefined) ?? { invalid: 'provider is none that a route leads to' };
}
