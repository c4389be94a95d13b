import type { ServiceStatus, Status } from '../converge/status.ts';
import type { Waiting } from '../converge/waiting.ts';
import { formatDuration } from '../core/duration.ts';
import type { Finding } from '../core/finding.ts';
import { plainText } from '../core/plain-text.ts';
import { red, table, type Io } from './io.ts';
import { routeRow, type RouteUse } from './route-uses.ts';

/** Everything healthy, every node connected, no stranger. */
export function isWell(status: Status): boolean {
  return (
    status.services.every((one) => one.state === 'healthy') &&
    status.nodes.every((one) => one.state === 'connected') &&
    status.strangers.length === 0
  );
}

/** The status for people. */
export function describeStatus(
  io: Io,
  deployment: string,
  status: Status,
  notEnforced: readonly Finding[],
  routes: readonly RouteUse[] = [],
): string {
  const parts = [`${deployment}\n`, services(status), ...status.unreachable.map((one) => unreachable(io, one))];
  if (status.nodes.length > 0) {
    parts.push(
      '\n  nodes\n',
      table(status.nodes.map((node) => [node.name, node.state, node.reason ?? shortId(node.deviceId), `gateway ${node.gateway}`])),
    );
  }
  if (status.strangers.length > 0) {
    parts.push(`\n  ${red(io, 'not in the file')}\n`, table(status.strangers.map(strangerRow)));
  }
  if (routes.length > 0) parts.push('\n  routes (periods of UTC)\n', table(routes.map((one) => routeRow(io, one))));
  if (status.waiting.length > 0) parts.push('\n  waits for a secret\n', table(status.waiting.map(waitingRow)));
  if (notEnforced.length > 0) {
    const critical = notEnforced.some((one) => one.severity === 'critical');
    const title = 'not enforced here';
    parts.push(`\n  ${critical ? red(io, title) : title}\n`, table(notEnforced.map((one) => [one.checkId, one.subject, one.message])));
  }
  return parts.join('');
}

function unreachable(io: Io, { host, message, cause, fix }: Status['unreachable'][number]): string {
  return `\n  ${red(io, `${host} could not be looked at`)}: ${plainText(message, 300)}\n    cause: ${plainText(cause, 500)}\n    fix:   ${fix}\n`;
}

/** One table, or one a host. */
function services({ services: all }: Status): string {
  const hosts = [...new Set(all.map((one) => one.host))];
  if (hosts.length === 1) return table(all.map(serviceRow));
  return hosts
    .map(
      (host) =>
        `  ${host}\n${table(all.filter((one) => one.host === host).map(serviceRow))
          .replaceAll(/^/gm, '  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function serviceRow(service: ServiceStatus): readonly string[] {
  if (service.state === 'unchecked') return [service.name, service.state];
  const since = service.state === 'healthy' && service.sinceMs !== undefined ? `for ${formatDuration(Date.now() - service.sinceMs)}` : '';
  const restarts = service.restarts === undefined || service.restarts === 0 ? '' : `${service.restarts} restarts`;
  return [service.name, service.state, since, restarts, plainText(service.lastError ?? '', 200)];
}

/** One part of a gateway that is left out, and the commands that bring it in. */
export function waitingRow({ gateway, part, secret }: Waiting): readonly string[] {
  return [`gateway ${gateway}`, part, `npx lobsterpot secrets set ${secret}   then: npx lobsterpot up`];
}

function strangerRow(one: Status['strangers'][number]): readonly string[] {
  const name = one.displayName === undefined ? '' : `calls itself "${plainText(one.displayName, 60)}"`;
  return [
    shortId(one.id),
    one.standing === 'asking' ? 'asks to be let in, and is not' : 'is paired and must not be',
    name,
    `gateway ${one.gateway}`,
  ];
}

function shortId(id: string | undefined): string {
  return id === undefined ? '' : `${plainText(id, 8).replace('…', '')}..${id.slice(-4)}`;
}
