import type { Finding } from '../../core/finding.ts';
import { reasonOf } from '../../core/problem.ts';
import { type NodesObservation, observeNodes } from '../../openclaw/observe-nodes.ts';
import { withGateway } from '../../openclaw/rpc.ts';
import type { GatewayRpc } from '../../openclaw/rpc.ts';
import { adviseVersion } from '../../openclaw/versions.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { fail, failIfAny, findingOf, pass, unknown } from '../catalogue/judgement.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import type { ProofInput } from '../proof-input.ts';
import { checkExec } from './exec-checks.ts';

export const NODE_ENROLLED = {
  id: 'openclaw.node',
  title: 'each node is paired as exactly the device that was enrolled, with exactly four commands',
  severity: 'critical',
  from: 'gateway',
  tries: "reading the gateway's devices, nodes and command lists",
  sabotage: 'the device of a node is removed',
} as const satisfies CheckInfo;

export const NO_STRANGER = {
  id: 'openclaw.stranger',
  title: 'no other device is paired or waits to be',
  severity: 'critical',
  from: 'gateway',
  tries: "comparing the gateway's devices with the nodes of the file",
  sabotage: 'a stranger is paired',
} as const satisfies CheckInfo;

export const VERSION = {
  id: 'openclaw.version',
  title: 'the OpenClaw version has no known hole',
  severity: 'high',
  from: 'host',
  tries: 'comparing the version of the file with the list of advisories',
  sabotage: 'an old version is asked for',
} as const satisfies CheckInfo;

/** Everything that the gateways themselves tell, and what can be tried through them. */
export async function checkGateways(input: ProofInput): Promise<readonly Finding[]> {
  const all = await Promise.all(input.deployment.gateways.map(({ name }) => checkGateway(input, name)));
  return [
    ...all.flat(),
    findingOf(
      VERSION,
      'deployment',
      judgeVersion(input.deployment.openclaw),
      'set openclaw in lobsterpot.yaml to a version without it, then: lobsterpot up',
    ),
  ];
}

async function checkGateway(input: ProofInput, gateway: string): Promise<readonly Finding[]> {
  const address = input.gateways.get(gateway);
  const nodes = input.deployment.nodes.filter((node) => node.gateway === gateway);
  const expected = nodes
    .map(({ name }) => ({ name, deviceId: input.deviceIds.get(name) }))
    .map(({ name, deviceId }) => (deviceId === undefined ? { name } : { name, deviceId }));
  const silent = (reason: string): readonly Finding[] => [
    ...nodes.map(({ name }) => findingOf(NODE_ENROLLED, `node-${name}`, unknown(reason), '')),
    findingOf(NO_STRANGER, `gateway-${gateway}`, unknown(reason), ''),
  ];
  if (!address) return silent('the address or the token of the gateway is not known');
  try {
    return await withGateway(address, async (rpc: GatewayRpc) => {
      const seen = await observeNodes(rpc, expected);
      const exec: Finding[] = [];
      for (const node of nodes) {
        const deviceId = input.deviceIds.get(node.name);
        if (deviceId !== undefined) exec.push(...(await checkExec(rpc, node, deviceId)));
      }
      return [...judgeObservation(gateway, seen), ...exec];
    });
  } catch (error) {
    return silent(`the gateway does not answer: ${reasonOf(error)}`);
  }
}

/** Pure: what the gateway's lists mean. */
export function judgeObservation(gateway: string, seen: NodesObservation): readonly Finding[] {
  const nodes = seen.nodes.map((node) => {
    const judged: Judgement =
      node.state === 'enrolled'
        ? node.connected
          ? pass(`device ${node.deviceId.slice(0, 8)}, four commands`)
          : unknown('enrolled, and not connected at present; why: lobsterpot status')
        : fail(node.state === 'missing' ? 'the gateway does not know its device' : node.reason);
    return findingOf(NODE_ENROLLED, `node-${node.name}`, judged, 'enrol it again: lobsterpot up');
  });
  const strangers = seen.strangers.map(
    ({ id, standing, displayName }) =>
      `${standing === 'paired' ? 'paired' : 'asks to be paired'}: ${id.slice(0, 16)}${displayName === undefined ? '' : ` (${displayName})`}`,
  );
  const [first] = seen.strangers;
  const fix = `remove it: openclaw devices remove ${first?.id ?? 'ID'} in the gateway's Control UI or CLI, then change the token: lobsterpot secrets set gateway-${gateway}-token`;
  return [...nodes, findingOf(NO_STRANGER, `gateway-${gateway}`, failIfAny(strangers, 'only the nodes of the file'), fix)];
}

/** Pure: what the advisories say. */
export function judgeVersion(version: string): Judgement {
  const advice = adviseVersion(version);
  switch (advice.verdict) {
    case 'ok':
      return pass(`${version}: no advisory is known`);
    case 'warn':
      return pass(advice.message);
    case 'refuse':
      return fail(advice.message);
  }
}
