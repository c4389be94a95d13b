import { sha256 } from '../core/digest.ts';
import { applyExecPolicy, enrolNode } from '../openclaw/enrol.ts';
import { execPolicyDocument } from '../openclaw/exec-policy.ts';
import { withGateway } from '../openclaw/rpc.ts';
import { nodeService } from '../services/names.ts';
import type { NodeEntry } from '../topology/deployment.ts';
import { gatewayAddress, recordsOf, type Engine } from './engine.ts';
import { writeRecords } from './records.ts';

/** Makes a node known to its gateway and records which device it is. Its service is stopped first, and started by the next change. */
export async function enrol(engine: Engine, name: string, say: (text: string) => void): Promise<void> {
  const node = nodeOf(engine, name);
  const records = await recordsOf(engine);
  const previous = records.nodes[name]?.deviceId;
  await engine.runtime.stop([nodeService(name)]);
  const address = await gatewayAddress(engine, node.gateway);
  const { deviceId } = await withGateway(address, (rpc) =>
    enrolNode({
      once: (service, command, options) => engine.runtime.once(service, command, options),
      rpc,
      service: nodeService(name),
      name,
      rules: node.exec,
      ...(previous === undefined ? {} : { previousDeviceId: previous }),
      onStep: say,
    }),
  );
  await record(engine, node, { deviceId, enrolledAt: new Date().toISOString() });
}

/** Gives a node the exec policy of the file; a running node takes it at once. */
export async function setExecPolicy(engine: Engine, name: string): Promise<void> {
  const node = nodeOf(engine, name);
  await applyExecPolicy({
    once: (service, command, options) => engine.runtime.once(service, command, options),
    service: nodeService(name),
    name,
    rules: node.exec,
  });
  await record(engine, node, {});
}

async function record(engine: Engine, node: NodeEntry, news: { readonly deviceId?: string; readonly enrolledAt?: string }): Promise<void> {
  const records = await recordsOf(engine);
  const before = records.nodes[node.name];
  const deviceId = news.deviceId ?? before?.deviceId;
  const enrolledAt = news.enrolledAt ?? before?.enrolledAt;
  if (deviceId === undefined || enrolledAt === undefined) throw new TypeError(`node ${node.name} is not enrolled`);
  const entry = { deviceId, enrolledAt, execPolicy: sha256(execPolicyDocument(node.exec)) };
  await writeRecords(engine.host, engine.root, { ...records, nodes: { ...records.nodes, [node.name]: entry } });
}

function nodeOf(engine: Engine, name: string): NodeEntry {
  const node = engine.deployment.nodes.find((one) => one.name === name);
  if (!node) throw new TypeError(`no node ${name}`);
  return node;
}
