import { isRecord } from '../../core/json.ts';
import { type Invalid, unknownKey } from '../../policy/policy-file.ts';
import { type Budget, parseBudget } from './budget/budget.ts';
import { narrowed } from './narrowed.ts';
import type { Provider } from './provider.ts';
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
    if (list.some((one) => one.client === route.client && one.provider === route.provider))
      return { invalid: `routes[${index}]: ${route.client} has this route already` };
    list.push(route);
  }
  return { list };
}

function parseRoute(value: unknown): RouteSettings | Invalid {
  if (!isRecord(value)) return { invalid: 'not an object' };
  const unknown = unknownKey(value, ['client', 'provider', 'secretFile', 'only', 'budget']);
  if (unknown !== undefined) return { invalid: `unknown key ${JSON.stringify(unknown)}` };
  const { client, provider: name, secretFile } = value;
  if (typeof client !== 'string' || client === '') return { invalid: 'client is no name' };
  if (typeof secretFile !== 'string' || !secretFile.startsWith('/')) return { invalid: 'secretFile is no absolute path' };
  const whole = typeof name === 'string' ? providerOf(name) : undefined;
  if (!whole) return { invalid: 'provider is none that a route leads to' };
  const provider = narrowed(whole, value['only']);
  if ('invalid' in provider) return provider;
  const budget = value['budget'] === undefined ? undefined : parseBudget(value['budget']);
  if (budget && 'invalid' in budget) return budget;
  return { client, provider, secretFile, ...(budget ? { budget } : {}) };
}
