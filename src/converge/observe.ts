import { sha256 } from '../core/digest.ts';
import { Problem } from '../core/problem.ts';
import { execPolicyDrift } from '../openclaw/exec-policy-drift.ts';
import { execPolicyDocument } from '../openclaw/exec-policy.ts';
import { observeNodes, type NodesObservation, type NodeState } from '../openclaw/observe-nodes.ts';
import type { GatewayRpc } from '../openclaw/rpc.ts';
import { gatewayService, nodeService } from '../services/names.ts';
import type { GatewayEntry, NodeEntry } from '../topology/deployment.ts';
import type { Engine } from './engine.ts';
import { beginTalk, type Talk } from './gateway-door.ts';
import { observeLinks, staleAccounts } from './links.ts';
import type { NodeObservation, Observation, SiteObservation } from './observation.ts';
import type { Records } from './records.ts';
import { listPending, type Pending } from './rotate/pending.ts';
import type { Site } from './site.ts';

/** Something that should lie on a host; its path is relative to the deployment's folder. */
type Placed = { readonly host: string; readonly path: string };

/** Reads everything that the plan compares, the hosts side by side. */
export async function observe(
  engine: Engine,
  sites: ReadonlyMap<string, Site>,
  paths: readonly Placed[],
  records: Records,
): Promise<Observation> {
  const talks = engine.deployment.gateways.map((gateway) => ({ gateway, talk: talkWith(engine, gateway, records) }));
  try {
    return await observeWith(engine, sites, paths, records, talks);
  } finally {
    for (const { talk } of talks) talk.drop();
  }
}

type Talks = readonly { readonly gateway: GatewayEntry; readonly talk: Talk<Heard> }[];

async function observeWith(
  engine: Engine,
  sites: ReadonlyMap<string, Site>,
  paths: readonly Placed[],
  records: Records,
  talks: Talks,
): Promise<Observation> {
  const [read, secrets, links, rotations] = await Promise.all([
    Promise.all([...sites].map(async ([name, site]) => [name, await readSite(site, paths)] as const)),
    engine.store.digests(),
    observeLinks(engine),
    listPending(engine),
  ]);
  const seen = new Map(read);
  const gateways = await Promise.all(talks.map(({ gateway, talk }) => readGateway(engine, gateway, talk, seen, records)));
  return {
    sites: seen,
    secrets,
    nodes: new Map(gateways.flatMap((one) => one.nodes)),
    strangers: gateways.flatMap((one) => one.strangers),
    links,
    left: leftBy(engine, seen, records, rotations),
  };
}

function leftBy(
  engine: Engine,
  sites: ReadonlyMap<string, SiteObservation>,
  records: Records,
  rotations: readonly Pending[],
): Observation['left'] {
  const wanted = new Set(engine.deployment.nodes.map((one) => one.name));
  const gone = Object.entries(records.nodes).filter(([name]) => !wanted.has(name));
  return {
    nodes: gone.map(([name]) => name),
    devices: new Set([...gone.map(([, node]) => node), ...rotations.flatMap(({ oldNode }) => oldNode ?? [])].map((one) => one.deviceId)),
    accounts: staleAccounts(engine, records.accounts).filter(({ host }) => sites.has(host)),
  };
}

async function readSite(site: Site, paths: readonly Placed[]): Promise<SiteObservation> {
  const here = paths.filter((one) => one.host === site.name).map((one) => one.path);
  const [base, survey] = await Promise.all([site.base.isThere(), site.runtime.survey(here)]);
  return { base, ...survey };
}

/** What one gateway says of its nodes and of who else is there. */
type AtGateway = { readonly nodes: readonly (readonly [string, NodeObservation])[]; readonly strangers: Observation['strangers'] };

/** What a gateway said, before it is known that it runs as it should. */
type Heard = { readonly seen: NodesObservation; readonly execPolicies: ReadonlyMap<string, ExecPolicy> };

type ExecPolicy = 'current' | 'differs' | 'unchecked';

/** One conversation with each gateway, begun while its host is still looked at. */
function talkWith(engine: Engine, gateway: GatewayEntry, records: Records): Talk<Heard> {
  const expected = nodesOf(engine, gateway).flatMap((node) => {
    const record = records.nodes[node.name];
    return record ? [{ node, record }] : [];
  });
  return beginTalk(engine, gateway.name, async (rpc) => {
    const [seen, ...policies] = await Promise.all([
      observeNodes(
        rpc,
        expected.map(({ node, record }) => ({ name: node.name, deviceId: record.deviceId })),
      ),
      ...expected.map(async ({ node, record }) => [node.name, await readExecPolicy(rpc, node, record)] as const),
    ]);
    return { seen, execPolicies: new Map(policies) };
  });
}

function nodesOf({ deployment }: Engine, { name }: GatewayEntry): readonly NodeEntry[] {
  return deployment.nodes.filter((node) => node.gateway === name);
}

async function readGateway(
  engine: Engine,
  gateway: GatewayEntry,
  talk: Talk<Heard>,
  sites: ReadonlyMap<string, SiteObservation>,
  records: Records,
): Promise<AtGateway> {
  const known = nodesOf(engine, gateway).map((node) => ({ node, before: withoutAsking(node, gateway.host, sites, records) }));
  const all = (of: NodeObservation): AtGateway => ({
    nodes: known.map(({ node, before }) => [node.name, before ?? of] as const),
    strangers: [],
  });
  const service = sites.get(gateway.host)?.services.find((one) => one.name === gatewayService(gateway.name));
  if (service?.state !== 'healthy') return all({ state: 'unchecked', reason: `gateway ${gateway.name} is not running` });
  try {
    const { seen, execPolicies } = await talk.heard();
    const states = new Map(seen.nodes.map((one) => [one.name, observed(one, execPolicies.get(one.name) ?? 'unchecked')]));
    const { host, name } = gateway;
    return {
      nodes: known.map(({ node, before }) => [node.name, before ?? states.get(node.name) ?? NEVER] as const),
      strangers: seen.strangers
        .filter((one) => one.standing === 'paired')
        .map(({ id, displayName }) => ({ host, gateway: name, device: id, ...(displayName === undefined ? {} : { displayName }) })),
    };
  } catch (error) {
    if (error instanceof Problem) return all({ state: 'unchecked', reason: error.why });
    throw error;
  }
}

const NEVER: NodeObservation = { state: 'not-enrolled', reason: 'never enrolled' };

/** What is known of a node whatever its gateway says. */
function withoutAsking(
  node: NodeEntry,
  gatewayHost: string,
  sites: ReadonlyMap<string, SiteObservation>,
  records: Records,
): NodeObservation | undefined {
  if (!records.nodes[node.name]) return NEVER;
  // Its key went with it, or what its gateway knew of it: a gateway that still runs may not have noticed.
  if (isGone(sites.get(node.host), nodeService(node.name))) return { state: 'not-enrolled', reason: 'its state is gone' };
  return isGone(sites.get(gatewayHost), gatewayService(node.gateway))
    ? { state: 'not-enrolled', reason: "its gateway's state is gone" }
    : undefined;
}

function isGone(site: SiteObservation | undefined, service: string): boolean {
  const state = site?.files.get(`services/${service}/state`);
  return site !== undefined && (state === undefined || state.kind === 'absent');
}

function observed(node: NodeState, execPolicy: ExecPolicy): NodeObservation {
  switch (node.state) {
    case 'enrolled':
      return { state: 'enrolled', deviceId: node.deviceId, execPolicy };
    case 'mismatch':
      return { state: 'not-enrolled', reason: node.reason };
    case 'missing':
      return { state: 'not-enrolled', reason: 'its gateway does not know it' };
  }
}

/** The policy that the node enforces, which somebody may have changed there by hand, against that of the file. */
async function readExecPolicy(rpc: GatewayRpc, node: NodeEntry, record: Records['nodes'][string]): Promise<ExecPolicy> {
  if (record.execPolicy !== sha256(execPolicyDocument(node.exec))) return 'differs';
  try {
    return execPolicyDrift(await rpc.execPolicy(record.deviceId), node.exec) === undefined ? 'current' : 'differs';
  } catch (error) {
    // A node that is away tells nothing.
    if (error instanceof Problem) return 'unchecked';
    throw error;
  }
}
