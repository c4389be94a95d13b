import type { Agent } from 'node:http';
import type { GateRoute } from '../../policy/gate-protocol.ts';
import type { Target, Verdict } from '../../policy/policy.ts';
import type { Gate } from '../gate.ts';
import { Accounts } from './budget/accounts.ts';
import { overBudget, together } from './budget/budget.ts';
import { costsMoney } from './budget/metered.ts';
import { type Minute, minuteAt, overMinute } from './budget/minute.ts';
import type { RouteSettings } from './route-settings.ts';
import { upstreamPool } from './upstream-pool.ts';

/** One route while the gate runs. */
export type Route = {
  readonly settings: RouteSettings;
  readonly target: Target;
  readonly pool: Agent;
  open: number;
  minute: Minute;
};

/** Why no address of a provider is dialled; told apart from a provider that is not there. */
export class RefusedAddress extends Error {
  readonly address: string;
  readonly verdict: Verdict;

  constructor(address: string, verdict: Verdict) {
    super(`the policy refuses ${address}`);
    this.address = address;
    this.verdict = verdict;
  }
}

/** The name has no address. */
export class Unresolvable extends Error {}

/** The routes of all clients. */
export class Routes {
  readonly #routes: readonly Route[];
  readonly #accounts: Accounts | undefined;

  constructor(gate: Gate, complain: (message: string) => void) {
    const { accountsFile, routes } = gate.settings;
    this.#accounts = accountsFile === undefined || routes.length === 0 ? undefined : new Accounts(accountsFile, Date.now, complain);
    this.#routes = gate.settings.routes.map((settings) => {
      const target: Target = { host: settings.provider.host, port: settings.provider.port ?? 443, kind: 'name' };
      const { connectMs } = gate.settings.limits;
      const addresses = (): ReturnType<typeof checkedAddresses> => checkedAddresses(gate, target, settings.client);
      return {
        settings,
        target,
        pool: upstreamPool({ host: target.host, port: target.port, addresses, connectMs }),
        open: 0,
        minute: minuteAt(undefined, 0),
      };
    });
  }

  /** Why the budget of a route lets nothing more be asked; undefined: it does. */
  closedBy(route: Route): string | undefined {
    const { budget, provider } = route.settings;
    if (!budget) return undefined;
    const nowMs = Date.now();
    const account = this.#accounts?.of(accountName(route.settings));
    if (!account)
      return `daily budget for route ${provider.name} is used up (what was used is not known); resets when the operator sees to it`;
    const beside = this.#beside(route);
    const others = beside.flatMap(({ settings }) => this.#accounts?.of(accountName(settings)) ?? []);
    const minutes = [route, ...beside].map((one) => minuteAt(one.minute, nowMs));
    const minute = { ...minuteAt(route.minute, nowMs), requests: minutes.reduce((sum, { requests }) => sum + requests, 0) };
    return overBudget(provider.name, budget, together([account, ...others]), nowMs) ?? overMinute(provider.name, budget, minute, nowMs);
  }

  /** The client's other routes that cost money: its budget is one for all of them. */
  #beside(route: Route): readonly Route[] {
    const { client, provider } = route.settings;
    if (!costsMoney(provider)) return [];
    return this.#routes.filter((one) => one !== route && one.settings.client === client && costsMoney(one.settings.provider));
  }

  /** One request is asked now. */
  begin(route: Route): void {
    const { period, requests } = minuteAt(route.minute, Date.now());
    route.open += 1;
    route.minute = { period, requests: requests + 1 };
  }

  /** What was used on every route that is counted. */
  uses(): readonly GateRoute[] {
    return this.#routes.flatMap((route): readonly GateRoute[] => {
      const { client, provider, budget = {} } = route.settings;
      if (provider.usage === 'none') return [];
      const account = this.#accounts?.of(accountName(route.settings));
      const closed = this.closedBy(route);
      const { minute, day, month } = budget;
      return [
        {
          client,
          provider: provider.name,
          limits: { ...(minute ? { minute } : {}), ...(day ? { day } : {}), ...(month ? { month } : {}) },
          ...(account ? { used: { minute: minuteAt(route.minute, Date.now()), ...account } } : {}),
          ...(closed === undefined ? {} : { closed }),
        },
      ];
    });
  }

  /** Counts one request on a route. */
  charge({ settings }: Route, cost: { readonly tokens: number; readonly usd: number }): void {
    this.#accounts?.add(accountName(settings), cost);
  }

  /** The route of this client with this name. */
  find(client: string, name: string | undefined): Route | undefined {
    return this.#routes.find(({ settings }) => settings.client === client && settings.provider.name === name);
  }
}

function accountName({ client, provider }: RouteSettings): string {
  return `${client}/${provider.name}`;
}

/** Every address of the name, none of which the policy refuses. */
async function checkedAddresses(gate: Gate, target: Target, client: string): Promise<readonly string[] | { readonly refused: Error }> {
  const resolved = await gate.names.resolve(target.host);
  if ('failed' in resolved) return { refused: new Unresolvable(resolved.failed) };
  for (const address of resolved.addresses) {
    const verdict = gate.judgeAddress(address, target.port, client);
    if (!verdict.allowed) return { refused: new RefusedAddress(address, verdict) };
  }
  return resolved.addresses;
}
