import type { Mistake } from './mistake.ts';
import type { LooseGateway } from './loose-view.ts';
import { FIRST_GATEWAY_PORT, GATEWAY_PORT_STEP } from './schema.ts';

type PortWish = { readonly name: string; readonly host: string; readonly port?: number | undefined };

/**
 * The Control UI port of each gateway: what the file says, else the next step above the first port of its host.
 * A gateway's default depends on the gateways above it only, so that adding one at the end moves no other.
 */
export function assignPorts(gateways: readonly PortWish[]): ReadonlyMap<string, number> {
  const ports = new Map<string, number>();
  const taken = new Map<string, Set<number>>();
  for (const { name, host, port: written } of gateways) {
    const onHost = taken.get(host) ?? new Set();
    const port = written ?? firstFree(onHost);
    taken.set(host, onHost.add(port));
    ports.set(name, port);
  }
  return ports;
}

/** Two gateways of one host on one port. */
export function checkPorts(all: readonly LooseGateway[]): readonly Mistake[] {
  const gateways = all.flatMap(({ name, host, port }) => (host === undefined || port === 'wrong' ? [] : [{ name, host, port }]));
  const ports = assignPorts(gateways);
  const seen = new Map<string, string>();
  const mistakes: Mistake[] = [];
  for (const { name, host } of gateways) {
    const port = ports.get(name) ?? FIRST_GATEWAY_PORT;
    const place = `${host} ${port}`;
    const other = seen.get(place);
    if (other === undefined) seen.set(place, name);
    else {
      mistakes.push({
        code: 'port',
        path: ['gateways', name, 'port'],
        what: `port ${port} is taken by gateway ${other}`,
        cause: `both run on host ${host}, and a port serves one gateway`,
        change: `give one of them another port, such as ${firstFree(new Set(ports.values()))}`,
      });
    }
  }
  return mistakes;
}

function firstFree(taken: ReadonlySet<number>): number {
  let port = FIRST_GATEWAY_PORT;
  while (taken.has(port)) port += GATEWAY_PORT_STEP;
  return port;
}
