import { Problem } from '../core/problem.ts';
import { observeNodes, type Stranger } from '../openclaw/observe-nodes.ts';
import { AWAY_LINES, whyAway } from '../openclaw/why-away.ts';
import type { ServiceState } from '../runtimes/runtime.ts';
import { gatewayService, nodeService } from '../services/names.ts';
import type { GatewayEntry } from '../topology/deployment.ts';
import { currentServices, recordsOf, type Engine } from './engine.ts';
import { atGateway } from './gateway-door.ts';
import type { Records } from './records.ts';
import type { Site } from './site.ts';
import { waitingFor, type Waiting } from './waiting.ts';

export type NodeStatus = {
  readonly name: string;
  readonly gateway: string;
  readonly state: 'connected' | 'disconnected' | 'not enrolled' | 'differs' | 'unchecked';
  readonly deviceId?: string;
  readonly reason?: string;
};

/** A service, or that it could not be looked at because its host could not. */
export type ServiceStatus = (ServiceState | { readonly name: string; readonly state: 'unchecked' }) & { readonly host: string };

export type Status = {
  readonly services: readonly ServiceStatus[];
  /** Hosts that could not be looked at, and why. */
  readonly unreachable: readonly { readonly host: string; readonly message: string; readonly cause: string; readonly fix: string }[];
  readonly nodes: readonly NodeStatus[];
  /** Devices that a gateway knows or that ask to be let in, and that the file does not name. */
  readonly strangers: readonly (Stranger & { readonly gateway: string })[];
  /** What is left out until its secret has a value. */
  readonly waiting: readonly Waiting[];
};

/** What runs, which nodes are there, and who else is at the gateways. */
export async function readStatus(engine: Engine): Promise<Status> {
  const { sites, unreachable } = await engine.reach();
  const [wanted, records, ...read] = await Promise.all([
    currentServices(engine),
    recordsOf(engine),
    ...[...sites].map(async ([host, site]) => ({ host, services: await site.runtime.observe() })),
  ]);
  const services = wanted.map(({ name, host }) => {
    const state = read.find((one) => one.host === host)?.services.find((one) => one.name === name);
    return { ...(state ?? ({ name, state: unreachable.has(host) ? 'unchecked' : 'stopped' } as const)), host };
  });
  const gateways = await Promise.all(engine.deployment.gateways.map((gateway) => gatewayStatus(engine, gateway, services, records)));
  const nodes = await Promise.all(gateways.flatMap((one) => one.nodes).map((node) => withReason(engine, sites, node)));
  const waiting = waitingFor(engine.deployment, new Set(await engine.store.names()));
  const away = [...unreachable].map(([host, one]) => ({ host, message: one.message, cause: one.why, fix: one.fix }));
  return {
    services,
    unreachable: away,
    nodes,
    strangers: gateways.flatMap((one) => one.strangers),
    waiting,
  };
}

/** A gateway knows only that a node is away; the node's own log tells why. */
async function withReason({ deployment }: Engine, sites: ReadonlyMap<string, Site>, node: NodeStatus): Promise<NodeStatus> {
  const site = sites.get(deployment.nodes.find((one) => one.name === node.name)?.host ?? '');
  if (node.state !== 'disconnected' || !site) return node;
  const reason = whyAway(await site.runtime.logs(nodeService(node.name), AWAY_LINES));
  return reason === undefined ? node : { ...node, reason };
}

async function gatewayStatus(
  engine: Engine,
  gateway: GatewayEntry,
  services: readonly ServiceStatus[],
  records: Records,
): Promise<Pick<Status, 'nodes' | 'strangers'>> {
  const mine = engine.deployment.nodes.filter((node) => node.gateway === gateway.name);
  const unchecked = (reason: string): Pick<Status, 'nodes' | 'strangers'> => ({
    nodes: mine.map(({ name }) => ({ name, gateway: gateway.name, state: 'unchecked', reason })),
    strangers: [],
  });
  const service = services.find((one) => one.name === gatewayService(gateway.name));
  if (service?.state !== 'healthy') return unchecked(`gateway ${gateway.name} is ${service?.state ?? 'stopped'}`);
  const expected = mine.map(({ name }) => {
    const deviceId = records.nodes[name]?.deviceId;
    return { name, ...(deviceId === undefined ? {} : { deviceId }) };
  });
  try {
    const seen = await atGateway(engine, gateway.name, (rpc) => observeNodes(rpc, expected));
    return {
      nodes: seen.nodes.map((node): NodeStatus => {
        const base = { name: node.name, gateway: gateway.name };
        switch (node.state) {
          case 'enrolled':
            return { ...base, state: node.connected ? 'connected' : 'disconnected', deviceId: node.deviceId };
          case 'mismatch':
            return { ...base, state: 'differs', deviceId: node.deviceId, reason: node.reason };
          case 'missing':
            return { ...base, state: 'not enrolled' };
        }
      }),
      strangers: seen.strangers.map((stranger) => ({ ...stranger, gateway: gateway.name })),
    };
  } catch (error) {
    if (error instanceof Problem) return unchecked(error.why);
    throw error;
  }
}
