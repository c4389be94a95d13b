import type { GatewayRpc, InvokeAnswer } from '../rpc.ts';
import type { GatewayLists } from '../observe-nodes.ts';

/** A gateway for unit tests: holds lists, records what was asked; what is not scripted fails. */
export type FakeGateway = { readonly rpc: GatewayRpc; lists: GatewayLists; readonly calls: string[]; redeemedBy: string | undefined };

export const JOIN_URL = 'http://127.0.0.1:18790/j/AAAAAAAAAAAAAAAAAAAAAA';

/** Starts with nothing paired. */
export function fakeGateway(script: { readonly invoke?: (command: string, params: unknown) => InvokeAnswer } = {}): FakeGateway {
  const calls: string[] = [];
  const unscripted = (what: string) => (): never => {
    throw new Error(`unscripted: ${what}`);
  };
  const fake: FakeGateway = {
    calls,
    redeemedBy: undefined,
    lists: { devices: { paired: [], pending: [] }, pairedNodes: { paired: [], pending: [] }, nodes: [] },
    rpc: {
      configState: () => Promise.resolve({ valid: true }),
      health: async () => {},
      devices: async () => fake.lists.devices,
      pairedNodes: async () => fake.lists.pairedNodes,
      nodes: async () => fake.lists.nodes,
      mintNodeSetup: async () => {
        calls.push('mint');
        return { setupId: 's', joinUrl: JOIN_URL, expiresAtMs: 1 };
      },
      setupStatus: async () => (fake.redeemedBy === undefined ? {} : { completion: { deviceId: fake.redeemedBy } }),
      removeDevice: async (deviceId) => {
        calls.push(`remove ${deviceId.slice(0, 4)}`);
        const without = <T>(list: readonly T[], id: (one: T) => string): readonly T[] => list.filter((one) => id(one) !== deviceId);
        fake.lists = {
          devices: { ...fake.lists.devices, paired: without(fake.lists.devices.paired, (one) => one.deviceId) },
          pairedNodes: { ...fake.lists.pairedNodes, paired: without(fake.lists.pairedNodes.paired, (one) => one.nodeId) },
          nodes: without(fake.lists.nodes, (one) => one.nodeId),
        };
      },
      rejectDevice: async (requestId) => {
        calls.push(`reject ${requestId}`);
        const { paired, pending } = fake.lists.devices;
        fake.lists = { ...fake.lists, devices: { paired, pending: pending.filter((one) => one.requestId !== requestId) } };
      },
      approveDevice: async (requestId) => {
        calls.push(`approve ${requestId}`);
        const { paired, pending } = fake.lists.devices;
        const moved = pending.filter((one) => one.requestId === requestId);
        fake.lists = {
          ...fake.lists,
          devices: { paired: [...paired, ...moved], pending: pending.filter((one) => one.requestId !== requestId) },
        };
      },
      execPolicy: unscripted('execPolicy'),
      invoke: async (_nodeId, command, params) => (script.invoke ?? unscripted('invoke'))(command, params),
    },
  };
  return fake;
}
