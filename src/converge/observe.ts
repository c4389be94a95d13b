import { sha256 } from '../core/digest.ts';
import { Problem } from '../core/problem.ts';
import { execPolicyDrift } from '../openclaw/exec-policy-drift.ts';
import { execPolicyDocument } from '../openclaw/exec-policy.ts';
import { observeNodes } from '../openclaw/observe-nodes.ts';
import type { GatewayRpc } from '../openclaw/rpc.ts';
import { gatewayService, nodeService } from '../services/names.ts';
import type { NodeEntry } from '../topology/deployment.ts';
import type { Desired } from './diff.ts';
import type { Engine } from './engine.ts';
import { atGateway } from './gateway-door.ts';
import { observeLinks, staleAccounts } from './links.ts';
import type { NodeObservation, Observation, SiteObservation } from './observation.ts';
import type { Records } from './records.ts';
import type { Site } from './site.ts';

/** Reads everything that the plan compares, the hosts side by side. */
export async function observe(engine: Engine, sites: ReadonlyMap<string, Site>, desired: Desired, records: Records): Promise<Observation> {
  const [read, secrets, links] = await Promise.all([
    Promise.all([...sites].map(async ([name, site]) => [name, await readSite(site, desired)] as const)),
    engine.store.digests(),
    observeLinks(engine),
  ]);
  const seen = new Map(read);
  return { sites: seen, secrets, nodes: await readNodes(engine, seen, records), links, left: leftBy(engine, seen, records) };
}

function leftBy(engine: Engine, sites: ReadonlyMap<string, SiteObservation>, records: Records): Observation['left'] {
  const wanted = new Set(engine.deployment.nodes.map((one) => one.name));
  return {
    nodes: Object.keys(records.nodes).filter((name) => !wanted.has(name)),
    accounts: staleAccounts(engine, records.accounts).filter(({ host }) => sites.has(host)),
  };
}

async function readSite(site: Site, desired: Desired): Promise<SiteObservation> {
  const here = (all: readonly { readonly host: string; readonly path: string }[]): readonly string[] =>
    all.filter((one) => one.host === site.name).map((one) => one.path);
  const [base, survey] = await Promise.all([
    site.base.isThere(),
    site.runtime.survey([...here(desired.artifacts), ...here(desired.placedSecrets)]),
  ]);
  return { base, ...survey };
}

async function readNodes(
  engine: Engine,
  sites: ReadonlyMap<string, SiteObservation>,
  records: Records,
): Promise<ReadonlyMap<string, NodeObservation>> {
  const observed = engine.deployment.nodes.map(async (node): Promise<readonly [string, NodeObservation]> => {
    const record = records.nodes[node.name];
    if (!record) return [node.name, { state: 'not-enrolled', reason: 'never enrolled' }];
    // Its key went with it.
    const state = sites.get(node.host)?.files.get(`services/${nodeService(node.name)}/state`);
    if (state === undefined || state.kind === 'absent') return [node.name, { state: 'not-enrolled', reason: 'its state is gone' }];
    const host = engine.deployment.gateways.find((one) => one.name === node.gateway)?.host ?? '';
    const gateway = sites.get(host)?.services.find((one) => one.name === gatewayService(node.gateway));
    if (gateway?.state !== 'healthy') return [node.name, { state: 'unchecked', reason: `gateway ${node.gateway} is not running` }];
    return [node.name, await readNode(engine, node, record)];
  });
  return new Map(await Promise.all(observed));
}

async function readNode(engine: Engine, node: NodeEntry, record: Records['nodes'][string]): Promise<NodeObservation> {
  try {
    const expected = [{ name: node.name, deviceId: record.deviceId }];
    const [state, execPolicy] = await atGateway(engine, node.gateway, async (rpc) => {
      const [seen] = (await observeNodes(rpc, expected)).nodes;
      return [seen, await readExecPolicy(rpc, node, record)] as const;
    });
    switch (state?.state) {
      case 'enrolled':
        return { state: 'enrolled', deviceId: state.deviceId, execPolicy };
      case 'mismatch':
        return { state: 'not-enrolled', reason: state.reason };
      case 'missing':
      case undefined:
        return { state: 'not-enrolled', reason: 'its gateway does not know it' };
    }
  } catch (error) {
    if (error instanceof Problem) return { state: 'unchecked', reason: error.why };
    throw error;
  }
}

/** The policy that the node enforces, which somebody may have changed there by hand, against that of the file. */
async function readExecPolicy(
  rpc: GatewayRpc,
  node: NodeEntry,
  record: Records['nodes'][string],
): Promise<'current' | 'differs' | 'unchecked'> {
  if (record.execPolicy !== sha256(execPolicyDocument(node.exec))) return 'differs';
  try {
    return execPolicyDrift(await rpc.execPolicy(record.deviceId), node.exec) === undefined ? 'current' : 'differs';
  } catch (error) {
    // A node that is away tells nothing.
    if (error instanceof Problem) return 'unchecked';
    throw error;
  }
}
