import { sha256 } from '../core/digest.ts';
import { applyExecPolicy, enrolNode } from '../openclaw/enrol.ts';
import { execPolicyDocument } from '../openclaw/exec-policy.ts';
import { nodeService } from '../services/names.ts';
import type { ExecRule, NodeEntry } from '../topology/deployment.ts';
import { recordsOf, siteOf, updateRecords, type Engine } from './engine.ts';
import { atGateway } from './gateway-door.ts';

/** Makes a node known to its gateway and records which device it is. Its service is stopped first, and started by the next change. */
export async function enrol(engine: Engine, name: string, say: (text: string) => void): Promise<void> {
  const node = nodeOf(engine, name);
  const records = await recordsOf(engine);
  const previous = records.nodes[name]?.deviceId;
  const { runtime } = await siteOf(engine, node);
  await runtime.stop([nodeService(name)]);
  const { deviceId } = await atGateway(engine, node.gateway, (rpc) =>
    enrolNode({
      once: (service, command, options) => runtime.once(service, command, options),
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

/** Gives a node the exec policy of the file, or the given one; a running node takes it at once. */
export async function setExecPolicy(engine: Engine, name: string, rules?: readonly ExecRule[]): Promise<void> {
  const entry = nodeOf(engine, name);
  const node = rules === undefined ? entry : { ...entry, exec: rules };
  const { runtime } = await siteOf(engine, node);
  await applyExecPolicy({
    once: (service, command, options) => runtime.once(service, command, options),
    service: nodeService(name),
    name,
    rules: node.exec,
  });
  await record(engine, node, {});
}

async function record(engine: Engine, node: NodeEntry, news: { readonly deviceId?: string; readonly enrolledAt?: string }): Promise<void> {
  await updateRecords(engine, (records) => {
    const before = records.nodes[node.name];
    const deviceId = news.deviceId ?? before?.deviceId;
    const enrolledAt = news.enrolledAt ?? before?.enrolledAt;
    if (deviceId === undefined || enrolledAt === undefined) throw new TypeError(`node ${node.name} is not enrolled`);
    const entry = { deviceId, enrolledAt, execPolicy: sha256(execPolicyDocument(node.exec)) };
    return { ...records, nodes: { ...records.nodes, [node.name]: entry } };
  });
}

function nodeOf(engine: Engine, name: string): NodeEntry {
  const node = engine.deployment.nodes.find((one) => one.name === name);
  if (!node) throw new TypeError(`no node ${name}`);
  return node;
}
