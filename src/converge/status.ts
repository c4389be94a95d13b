import { Problem } from '../core/problem.ts';
import { observeNodes, type NodesObservation, type Stranger } from '../openclaw/observe-nodes.ts';
import { AWAY_LINES, whyAway } from '../openclaw/why-away.ts';
import type { ServiceState } from '../runtimes/runtime.ts';
import { gatewayService, nodeService } from '../services/names.ts';
import type { Service } from '../services/service.ts';
import type { GatewayEntry } from '../topology/deployment.ts';
import { renderedOn, servicesOf } from './desired.ts';
import { recordsOf, type Engine } from './engine.ts';
import { beginTalk, type Talk } from './gateway-door.ts';
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
  // The hosts begin to open; what becomes of each is looked at below.
  void engine.reach().catch(() => undefined);
  const [records, names] = await Promise.all([recordsOf(engine), engine.store.names()]);
  const presentSecrets = new Set(names);
  // Last: a bundler keeps this process from opening hosts for a moment.
  const gateBundle = await engine.gateBundle();
  const { deployment } = engine;
  const wanted = servicesOf(deployment, { gateBundle, presentSecrets, records, hostKeys: recordedHostKeys(records) });
  const looking = [...new Set(wanted.map((one) => one.host))].map((host) => lookAt(engine, host, wanted));
  const talks = deployment.gateways.map((gateway) => ({ gateway, talk: talkWith(engine, gateway, records) }));
  try {
    const read = new Map((await Promise.all(looking)).map(({ host, services }) => [host, services]));
    const { sites, unreachable } = await engine.reach();
    const services = wanted.map(({ name, host }) => {
      const state = read.get(host)?.find((one) => one.name === name);
      return { ...(state ?? ({ name, state: unreachable.has(host) ? 'unchecked' : 'stopped' } as const)), host };
    });
    const gateways = await Promise.all(talks.map(({ gateway, talk }) => gatewayStatus(engine, gateway, talk, services)));
    return {
      services,
      unreachable: [...unreachable].map(([host, one]) => ({ host, message: one.message, cause: one.why, fix: one.fix })),
      nodes: await Promise.all(gateways.flatMap((one) => one.nodes).map((node) => withReason(engine, sites, node))),
      strangers: gateways.flatMap((one) => one.strangers),
      waiting: waitingFor(deployment, presentSecrets),
    };
  } finally {
    for (const { talk } of talks) talk.drop();
  }
}

/** What runs on one host, as soon as that one is open; nothing where it cannot be opened, of which `reach` tells. */
async function lookAt(
  engine: Engine,
  host: string,
  wanted: readonly Service[],
): Promise<{ readonly host: string; readonly services: readonly ServiceState[] }> {
  const site = await engine.site(host).catch(() => undefined);
  if (!site) return { host, services: [] };
  // What is compared with what runs: it need not be read from the containers then.
  renderedOn(site, wanted);
  return { host, services: await site.runtime.observe() };
}

/** The answers of a host itself are for who looks at its files. */
function recordedHostKeys({ hosts }: Records): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.entries(hosts).map(([name, { hostKeys }]) => [name, hostKeys ?? []]));
}

/** Begun while it is still looked at what runs. */
function talkWith(engine: Engine, { name }: GatewayEntry, records: Records): Talk<NodesObservation> {
  const expected = nodesOf(engine, name).map((node) => {
    const deviceId = records.nodes[node.name]?.deviceId;
    return { name: node.name, ...(deviceId === undefined ? {} : { deviceId }) };
  });
  return beginTalk(engine, name, (rpc) => observeNodes(rpc, expected));
}

function nodesOf({ deployment }: Engine, gateway: string): Engine['deployment']['nodes'] {
  return deployment.nodes.filter((node) => node.gateway === gateway);
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
  talk: Talk<NodesObservation>,
  services: readonly ServiceStatus[],
): Promise<Pick<Status, 'nodes' | 'strangers'>> {
  const unchecked = (reason: string): Pick<Status, 'nodes' | 'strangers'> => ({
    nodes: nodesOf(engine, gateway.name).map(({ name }) => ({ name, gateway: gateway.name, state: 'unchecked', reason })),
    strangers: [],
  });
  const service = services.find((one) => one.name === gatewayService(gateway.name));
  if (service?.state !== 'healthy') return unchecked(`gateway ${gateway.name} is ${service?.state ?? 'stopped'}`);
  try {
    const seen = await talk.heard();
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
