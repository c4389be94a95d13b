import type { Finding } from '../../core/finding.ts';
import { Problem } from '../../core/problem.ts';
import { moveNodeState, tryOldNode, type NodeState } from '../../openclaw/node-state.ts';
import { observeNodes } from '../../openclaw/observe-nodes.ts';
import type { GatewayRpc } from '../../openclaw/rpc.ts';
import { nodeService } from '../../services/names.ts';
import type { NodeEntry } from '../../topology/deployment.ts';
import { recordsOf, siteOf, type Engine } from '../engine.ts';
import { atGateway } from '../gateway-door.ts';
import { writeRecords, type Records } from '../records.ts';
import type { Site } from '../site.ts';
import { judgeForgotten, judgeRefusal, type Shown } from './judge.ts';
import { forgetPending, readPending, writePending } from './pending.ts';
import { askedOf } from './probes.ts';
import type { Rotation } from './rotation.ts';
import type { Subject } from './subject.ts';

type NodeRecord = Records['nodes'][string];

/**
 * What a node is known by: its key pair and its token lie in OpenClaw's own state on its host and never leave it. The old state
 * is set aside there until the new identity is proven; without a record of the node, `apply` enrols it anew.
 */
export function identityRotation(engine: Engine, subject: Subject): Rotation {
  const { name } = subject;

  async function at(): Promise<{ readonly node: NodeEntry; readonly site: Site; readonly state: NodeState & { readonly name: string } }> {
    const node = engine.deployment.nodes.find((one) => one.name === name);
    if (!node) throw new TypeError(`no node ${name}`);
    const site = await siteOf(engine, node);
    const once: NodeState['once'] = (service, command, options) => site.runtime.once(service, command, options);
    return { node, site, state: { once, service: nodeService(name), name } };
  }

  async function old(): Promise<NodeRecord> {
    const pending = await readPending(engine, subject);
    if (pending?.oldNode) return pending.oldNode;
    throw new TypeError(`what node ${name} was known by is not on record`);
  }

  async function setRecord(record: NodeRecord | undefined): Promise<void> {
    const records = await recordsOf(engine);
    const { [name]: _gone, ...nodes } = records.nodes;
    await writeRecords(engine.local, engine.root, { ...records, nodes: record ? { ...nodes, [name]: record } : nodes });
  }

  const isNew = async (): Promise<boolean> => {
    const now = (await recordsOf(engine)).nodes[name]?.deviceId;
    return now !== undefined && now !== (await old()).deviceId;
  };

  return {
    check: async () => {
      if ((await readPending(engine, subject)) || (await recordsOf(engine)).nodes[name]) return;
      throw new Problem('rotate/not-enrolled', `node ${name} is not enrolled, so it has no identity to replace`, {
        cause: 'it was never brought up',
        fix: 'lobsterpot up',
      });
    },
    prepare: async () => {
      const pending = await readPending(engine, subject);
      const now = (await recordsOf(engine)).nodes[name];
      if (pending && !pending.oldNode && now) await writePending(engine, { ...pending, oldNode: now });
      if (await isNew()) return;
      const { site, state } = await at();
      await setRecord(undefined);
      await site.runtime.stop([state.service]);
      await moveNodeState(state, 'set-aside');
    },
    reached: async () => {
      const before = (await readPending(engine, subject))?.oldNode;
      const now = (await recordsOf(engine)).nodes[name];
      if (!before || now?.deviceId === before.deviceId) return 'nothing';
      return now ? 'made' : 'between';
    },
    revert: async () => {
      const { node, site, state } = await at();
      const before = await old();
      const now = (await recordsOf(engine)).nodes[name]?.deviceId;
      await site.runtime.stop([state.service]);
      await moveNodeState(state, 'put-back');
      await setRecord(before);
      // Best effort: the new one has no key any more.
      if (now !== undefined && now !== before.deviceId)
        await atGateway(engine, node.gateway, (rpc) => rpc.removeDevice(now)).catch(() => undefined);
      await forgetPending(engine, subject);
      await site.runtime.start([state.service]);
    },
    probe: async () => {
      const { node, state } = await at();
      const { deviceId } = await old();
      const now = (await recordsOf(engine)).nodes[name]?.deviceId ?? '';
      await atGateway(engine, node.gateway, (rpc) => forget(rpc, deviceId));
      const tried = await tryOldNode(state);
      return atGateway(engine, node.gateway, async (rpc): Promise<readonly Finding[]> => {
        await rejectRequests(rpc, deviceId);
        return [
          judgeRefusal(askedOf(subject), tried, await standingOf(rpc, name, now)),
          judgeForgotten(askedOf(subject, 'rotate.identity-forgotten'), deviceId, await listsOf(rpc)),
        ];
      });
    },
    discard: async () => {
      await moveNodeState((await at()).state, 'remove-old');
      await forgetPending(engine, subject);
    },
  };
}

async function forget(rpc: GatewayRpc, deviceId: string): Promise<void> {
  const { paired } = await rpc.devices();
  if (paired.some((one) => one.deviceId === deviceId)) await rpc.removeDevice(deviceId);
}

/** A device that is not known any more may ask to be let in anew: nobody is asked about it. */
async function rejectRequests(rpc: GatewayRpc, deviceId: string): Promise<void> {
  const { pending } = await rpc.devices();
  const asking = pending.flatMap((one) => (one.deviceId === deviceId && one.requestId !== undefined ? [one.requestId] : []));
  for (const requestId of asking) await rpc.rejectDevice(requestId);
}

async function standingOf(rpc: GatewayRpc, name: string, deviceId: string): Promise<Shown> {
  const [node] = (await observeNodes(rpc, [{ name, deviceId }])).nodes;
  if (node?.state === 'enrolled' && node.connected) return { state: 'taken' };
  return { state: 'unclear', reason: node?.state === 'enrolled' ? 'it is not connected' : (node?.state ?? 'missing') };
}

async function listsOf(rpc: GatewayRpc): Promise<Readonly<Record<string, readonly string[]>>> {
  const [devices, pairedNodes, nodes] = await Promise.all([rpc.devices(), rpc.pairedNodes(), rpc.nodes()]);
  return {
    devices: devices.paired.map((one) => one.deviceId),
    'requests of devices': devices.pending.map((one) => one.deviceId),
    'paired nodes': pairedNodes.paired.map((one) => one.nodeId),
    'requests of nodes': pairedNodes.pending.map((one) => one.nodeId),
    nodes: nodes.map((one) => one.nodeId),
  };
}
