import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { sha256 } from '../core/digest.ts';
import { Problem } from '../core/problem.ts';
import type { FileState } from '../hosts/host.ts';
import { execPolicyDrift } from '../openclaw/exec-policy-drift.ts';
import { execPolicyDocument } from '../openclaw/exec-policy.ts';
import { runtimeInstalled } from '../openclaw/install/install.ts';
import { observeNodes } from '../openclaw/observe-nodes.ts';
import type { ServiceState } from '../runtimes/runtime.ts';
import type { Desired } from './diff.ts';
import { type GatewayRpc, withGateway } from '../openclaw/rpc.ts';
import { gatewayService } from '../services/names.ts';
import type { NodeEntry } from '../topology/deployment.ts';
import { gatewayAddress, type Engine } from './engine.ts';
import type { NodeObservation, Observation } from './observation.ts';
import type { Records } from './records.ts';

/** Reads everything that the plan compares, side by side. */
export async function observe(engine: Engine, desired: Desired, records: Records): Promise<Observation> {
  const [installed, folders, services, secrets] = await Promise.all([
    runtimeInstalled(engine.host, { dataFolder: engine.data, version: desired.openclaw }),
    entries(join(engine.root, 'services')),
    engine.runtime.observe(),
    engine.store.digests(),
  ]);
  const [files, nodes] = await Promise.all([readFiles(engine, desired, folders), readNodes(engine, services, records)]);
  return { runtimeInstalled: installed, files, services, known: await specified(engine, folders), secrets, nodes };
}

/** Services with a specification on disk: those that some `up` brought up and none took away. */
async function specified(engine: Engine, folders: readonly string[]): Promise<readonly string[]> {
  const states = await engine.host.stat(folders.map((name) => join(engine.root, 'services', name, 'spec.json')));
  return folders.filter((_, index) => states[index]?.kind === 'file');
}

async function readFiles(engine: Engine, desired: Desired, known: readonly string[]): Promise<ReadonlyMap<string, FileState>> {
  const placed = await Promise.all(
    known.map(async (service) =>
      (await entries(join(engine.root, 'services', service, 'secrets'))).map((name) => `services/${service}/secrets/${name}`),
    ),
  );
  const paths = [
    ...new Set([...desired.artifacts.map((one) => one.path), ...desired.placedSecrets.map((one) => one.path), ...placed.flat()]),
  ];
  const states = await engine.host.stat(paths.map((path) => join(engine.root, path)));
  return new Map(paths.map((path, index) => [path, states[index] ?? { kind: 'absent' }]));
}

async function entries(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => !name.startsWith('.')).toSorted();
}

async function readNodes(
  engine: Engine,
  services: readonly ServiceState[],
  records: Records,
): Promise<ReadonlyMap<string, NodeObservation>> {
  const observed = engine.deployment.nodes.map(async (node): Promise<readonly [string, NodeObservation]> => {
    const record = records.nodes[node.name];
    if (!record) return [node.name, { state: 'not-enrolled', reason: 'never enrolled' }];
    const gateway = services.find((one) => one.name === gatewayService(node.gateway));
    if (gateway?.state !== 'healthy') return [node.name, { state: 'unchecked', reason: `gateway ${node.gateway} is not running` }];
    return [node.name, await readNode(engine, node, record)];
  });
  return new Map(await Promise.all(observed));
}

async function readNode(engine: Engine, node: NodeEntry, record: Records['nodes'][string]): Promise<NodeObservation> {
  try {
    const expected = [{ name: node.name, deviceId: record.deviceId }];
    const address = await gatewayAddress(engine, node.gateway);
    const [state, execPolicy] = await withGateway(address, async (rpc) => {
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
