import { gateStatus } from '../audit/control-client.ts';
import type { Engine } from '../converge/engine.ts';
import { Problem } from '../core/problem.ts';
import { plainText } from '../core/plain-text.ts';
import type { GateRoute, RouteLimits, RouteUsed } from '../policy/gate-protocol.ts';
import { isPeerRoute, peerRoute } from '../policy/peer.ts';
import { gatewayService } from '../services/names.ts';
import type { GatewayEntry } from '../topology/deployment.ts';
import { placeOf } from './egress/place.ts';
import { red, type Io } from './io.ts';

/** A route of a gateway to a provider or to another agent, or all of those to providers: what its gate says of it, or nothing when it could not be asked. */
export type RouteUse = { readonly gateway: string; readonly provider: string } & Partial<Pick<GateRoute, 'limits' | 'used' | 'closed'>>;

/** Asks the gates whose clients ask their model, their memory's provider or another agent by a route, and no other: what was used, and what may be. */
export async function readRouteUses(engine: Engine): Promise<readonly RouteUse[]> {
  const present = new Set(await engine.store.names());
  const routed = engine.deployment.gateways.filter((one) => providersOf(one, present).length + peersOf(one, present).length > 0);
  if (routed.length === 0) return [];
  const { sites } = await engine.reach();
  const hosts = [...new Set(routed.map((one) => one.host))];
  const asked = await Promise.all(
    hosts.map(async (host) => {
      const site = sites.get(host);
      if (!site) return [];
      await using place = placeOf(site);
      return gateStatus(place.ask).then(
        ({ routes = [] }) => routes,
        (error: unknown) => {
          // What is the matter with the gate stands with the services.
          if (error instanceof Problem) return [];
          throw error;
        },
      );
    }),
  );
  return routed.flatMap((gateway) =>
    [providersOf(gateway, present), ...peersOf(gateway, present).map((one) => [one])].flatMap((names) =>
      usesOf(gateway.name, names, asked.flat()),
    ),
  );
}

/** The routes to other agents, each with a budget of its own. */
function peersOf({ channels }: GatewayEntry, present: ReadonlySet<string>): readonly string[] {
  return (channels?.a2a?.peers ?? []).flatMap(({ name, token }) => (present.has(token.secret) ? [peerRoute(name)] : []));
}

/** The providers that a gateway asks by routes; what waits for its secret has no route yet, and is told as that. */
function providersOf({ credentials, model, memory }: GatewayEntry, present: ReadonlySet<string>): readonly string[] {
  const asked = credentials === 'route' ? [model, memory?.search] : [];
  return [...new Set(asked.flatMap((one) => (one && present.has(one.apiKey.secret) ? [one.provider] : [])))];
}

/** What one gateway has used: a row for each provider, and where there are several one for all of them, which the budget is for. Pure. */
export function usesOf(gateway: string, providers: readonly string[], routes: readonly GateRoute[]): readonly RouteUse[] {
  const found = providers.map((provider) => ({
    provider,
    route: routes.find((one) => one.client === gatewayService(gateway) && one.provider === provider),
  }));
  const uses = found.map(({ provider, route }): RouteUse => {
    if (!route) return { gateway, provider };
    const { limits, used, closed } = route;
    return { gateway, provider, limits, ...(used ? { used } : {}), ...(closed === undefined ? {} : { closed }) };
  });
  const [first, ...others] = uses;
  if (!first?.limits || others.length === 0) return uses;
  const used = others.reduce<RouteUse['used']>((all, one) => all && one.used && sum(all, one.used), first.used);
  const { closed } = first;
  return [
    ...uses.map(({ limits, closed: _closed, ...own }) => ({ ...own, ...(limits ? { limits: {} } : {}) })),
    {
      gateway,
      provider: providers.join(' + '),
      limits: first.limits,
      ...(used ? { used } : {}),
      ...(closed === undefined ? {} : { closed }),
    },
  ];
}

type Used = NonNullable<GateRoute['used']>;

function sum(one: Used, other: Used): Used {
  const more = (a: RouteUsed, b: RouteUsed): RouteUsed => ({
    period: a.period,
    requests: a.requests + b.requests,
    tokens: a.tokens + b.tokens,
    usd: a.usd + b.usd,
  });
  return {
    minute: { period: one.minute.period, requests: one.minute.requests + other.minute.requests },
    day: more(one.day, other.day),
    month: more(one.month, other.month),
  };
}

/** A row of `lobsterpot status`. */
export function routeRow(io: Io, { gateway, provider, limits, used, closed }: RouteUse): readonly string[] {
  const head = [`gateway ${gateway}`, provider];
  if (!limits) return [...head, 'unchecked'];
  const why = closed === undefined ? [] : [red(io, plainText(closed, 200))];
  if (!used) return [...head, 'what was used is not known', ...why];
  const minute = limits.minute?.requests === undefined ? [] : [`${of(used.minute.requests, limits.minute.requests)} requests this minute`];
  const amounts = isPeerRoute(provider) ? requestsAlone : withCosts;
  return [...head, [...minute, amounts('today', used.day, limits.day), amounts('this month', used.month, limits.month)].join('; '), ...why];
}

function requestsAlone(period: string, { requests }: RouteUsed, limits: RouteLimits = {}): string {
  return `${period} ${of(requests, limits.requests)} requests`;
}

function withCosts(period: string, { requests, tokens, usd }: RouteUsed, limits: RouteLimits = {}): string {
  return `${period} ${of(requests, limits.requests)} requests, ${of(tokens, limits.tokens)} tokens, ${of(usd, limits.usd, money)} USD`;
}

function of(used: number, limit: number | undefined, show: (amount: number) => string = String): string {
  return limit === undefined ? show(used) : `${show(used)} of ${show(limit)}`;
}

function money(usd: number): string {
  return usd.toFixed(2);
}
