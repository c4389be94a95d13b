import { NODE_COMMANDS } from './config/commands.ts';
import type { GatewayRpc } from './rpc.ts';
import type { Device, NodeInfo, PairedNode } from './rpc-answers.ts';

/** A node of the user's file and the device that was enrolled for it. */
export type ExpectedNode = { readonly name: string; readonly deviceId?: string };

/**
 * `enrolled`: the gateway knows exactly this device with exactly our commands. `missing`: it does not know it.
 * `mismatch`: it knows it with another surface, which is drift.
 */
export type NodeState =
  | { readonly name: string; readonly state: 'enrolled'; readonly deviceId: string; readonly connected: boolean; readonly version?: string }
  | { readonly name: string; readonly state: 'missing'; readonly deviceId?: string }
  | { readonly name: string; readonly state: 'mismatch'; readonly deviceId: string; readonly reason: string };

/** A device that no file speaks of. `asking`: it waits for an approval that lobsterpot never gives. */
export type Stranger = {
  readonly id: string;
  readonly standing: 'paired' | 'asking';
  /** Its own claim, untrusted. */
  readonly displayName?: string;
  readonly requestId?: string;
};

export type NodesObservation = { readonly nodes: readonly NodeState[]; readonly strangers: readonly Stranger[] };

/** What the gateway's three lists say, in one value. */
export type GatewayLists = {
  readonly devices: { readonly paired: readonly Device[]; readonly pending: readonly Device[] };
  readonly pairedNodes: { readonly paired: readonly PairedNode[]; readonly pending: readonly PairedNode[] };
  readonly nodes: readonly NodeInfo[];
};

/** Reads the gateway's devices and nodes and holds them against the file. */
export async function observeNodes(rpc: GatewayRpc, expected: readonly ExpectedNode[]): Promise<NodesObservation> {
  const [devices, pairedNodes, nodes] = await Promise.all([rpc.devices(), rpc.pairedNodes(), rpc.nodes()]);
  return judgeNodes({ devices, pairedNodes, nodes }, expected);
}

/** The pure half of `observeNodes`. */
export function judgeNodes(lists: GatewayLists, expected: readonly ExpectedNode[]): NodesObservation {
  const known = new Set(expected.flatMap((node) => (node.deviceId === undefined ? [] : [node.deviceId])));
  return { nodes: expected.map((node) => stateOf(lists, node)), strangers: strangersIn(lists, known) };
}

function stateOf(lists: GatewayLists, { name, deviceId }: ExpectedNode): NodeState {
  if (deviceId === undefined) return { name, state: 'missing' };
  const device = lists.devices.paired.find((one) => one.deviceId === deviceId);
  const node = lists.nodes.find((one) => one.nodeId === deviceId);
  if (!device || !node) return { name, state: 'missing', deviceId };
  const reason = faultOf(lists, device, node);
  if (reason !== undefined) return { name, state: 'mismatch', deviceId, reason };
  return {
    name,
    state: 'enrolled',
    deviceId,
    connected: node.connected === true,
    ...(node.version === undefined ? {} : { version: node.version }),
  };
}

function faultOf(lists: GatewayLists, device: Device, node: NodeInfo): string | undefined {
  const roles = rolesOf(device);
  if (roles.join() !== 'node') return `its roles are ${roles.join(', ') || 'none'} and not node alone`;
  if (node.approvalState !== 'approved') return `its approval is ${node.approvalState ?? 'unknown'} and not approved`;
  if (lists.pairedNodes.pending.some((one) => one.nodeId === device.deviceId)) return 'it asks for another set of commands';
  const surface = lists.pairedNodes.paired.find((one) => one.nodeId === device.deviceId)?.commands ?? node.commands ?? [];
  const commands = [...new Set(surface)].toSorted().join(', ');
  if (commands !== NODE_COMMANDS.join(', ')) return `its commands are ${commands || 'none'} and not ${NODE_COMMANDS.join(', ')}`;
  return undefined;
}

function strangersIn(lists: GatewayLists, known: ReadonlySet<string>): readonly Stranger[] {
  const found = new Map<string, Stranger>();
  const add = (
    id: string,
    standing: Stranger['standing'],
    one: { displayName?: string | undefined; requestId?: string | undefined },
  ): void => {
    if (known.has(id)) return;
    // Paired weighs more than asking: it is listed once, as the worse of the two.
    if (found.get(id)?.standing === 'paired') return;
    found.set(id, {
      id,
      standing,
      ...(one.displayName === undefined ? {} : { displayName: one.displayName }),
      ...(one.requestId === undefined ? {} : { requestId: one.requestId }),
    });
  };
  // A device that is an operator alone is a person's browser or tool, not a node.
  for (const one of lists.devices.pending) if (!operatorAlone(one)) add(one.deviceId, 'asking', one);
  for (const one of lists.pairedNodes.pending) add(one.nodeId, 'asking', one);
  for (const one of lists.devices.paired) if (!operatorAlone(one)) add(one.deviceId, 'paired', one);
  for (const one of lists.pairedNodes.paired) add(one.nodeId, 'paired', one);
  for (const one of lists.nodes) add(one.nodeId, 'paired', one);
  return [...found.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function operatorAlone(device: Device): boolean {
  return rolesOf(device).join() === 'operator';
}

function rolesOf(device: Device): readonly string[] {
  return [...new Set([...(device.roles ?? []), ...(device.role === undefined ? [] : [device.role])])].toSorted();
}
