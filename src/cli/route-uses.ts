import { gateStatus } from '../audit/control-client.ts';
import type { Engine } from '../converge/engine.ts';
import { Problem } from '../core/problem.ts';
import { plainText } from '../core/plain-text.ts';
import type { GateRoute, RouteLimits, RouteUsed } from '../policy/gate-protocol.ts';
import { gatewayService } from '../services/names.ts';
import type { GatewayEntry } from '../topology/deployment.ts';
import { placeOf } from './egress/place.ts';
import { red, type Io } from './io.ts';

/** A route of a gateway's model: what its gate says of it, or nothing when it could not be asked. */
export type RouteUse = { readonly gateway: string; readonly provider: string } & Partial<Pick<GateRoute, 'limits' | 'used' | 'closed'>>;

/** Asks the gates whose clients ask their model by a route, and no other: what was used, and what may be. */
export async function readRouteUses(engine: Engine): Promise<readonly RouteUse[]> {
  const present = new Set(await engine.store.names());
  // What waits for its secret has no route yet, and is told as that.
  const routed = engine.deployment.gateways.filter(
    ({ credentials, model }) => credentials === 'route' && model !== undefined && present.has(model.apiKey.secret),
  );
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
  return routed.map((gateway) => useOf(gateway, asked.flat()));
}

function useOf({ name, model }: GatewayEntry, routes: readonly GateRoute[]): RouteUse {
  const provider = model?.provider ?? '';
  const found = routes.find((one) => one.client === gatewayService(name) && one.provider === provider);
  if (!found) return { gateway: name, provider };
  const { limits, used, closed } = found;
  return { gateway: name, provider, limits, ...(used ? { used } : {}), ...(closed === undefined ? {} : { closed }) };
}

/** A row of `lobsterpot status`. */
export function routeRow(io: Io, { gateway, provider, limits, used, closed }: RouteUse): readonly string[] {
  const head = [`gateway ${gateway}`, provider];
  if (!limits) return [...head, 'unchecked'];
  const why = closed === undefined ? [] : [red(io, plainText(closed, 200))];
  if (!used) return [...head, 'what was used is not known', ...why];
  const minute = limits.minute?.requests === undefined ? [] : [`${of(used.minute.requests, limits.minute.requests)} requests this minute`];
  return [...head, [...minute, amounts('today', used.day, limits.day), amounts('this month', used.month, limits.month)].join('; '), ...why];
}

function amounts(period: string, { requests, tokens, usd }: RouteUsed, limits: RouteLimits = {}): string {
  return `${period} ${of(requests, limits.requests)} requests, ${of(tokens, limits.tokens)} tokens, ${of(usd, limits.usd, money)} USD`;
}

function of(used: number, limit: number | undefined, show: (amount: number) => string = String): string {
  return limit === undefined ? show(used) : `${show(used)} of ${show(limit)}`;
}

function money(usd: number): string {
  return usd.toFixed(2);
}
