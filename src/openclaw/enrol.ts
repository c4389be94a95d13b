import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';
import { until } from '../core/wait.ts';
import type { RunResult } from '../hosts/host.ts';
import { connectOnceCommand } from './connect-once.ts';
import { execPolicyDocument, type ExecRule } from './exec-policy.ts';
import { parseIdentity, type NodeIdentity } from './identity.ts';
import { INSIDE, type InsidePaths } from './inside-paths.ts';
import { observeNodes, type NodeState } from './observe-nodes.ts';
import type { GatewayRpc } from './rpc.ts';

/** `Runtime.once`: one command with a service's identity, state and network, beside it. */
export type Once = (
  service: string,
  command: readonly string[],
  options: { readonly stdin?: string; readonly timeoutMs: number },
) => Promise<RunResult>;

export type EnrolInput = {
  readonly once: Once;
  readonly rpc: GatewayRpc;
  /** The node's service (`node-nas`) and its name in the file (`nas`). */
  readonly service: string;
  readonly name: string;
  readonly rules: readonly ExecRule[];
  /** The device that was enrolled for this node before, if it is known: taken off the gateway when another one takes its place. */
  readonly previousDeviceId?: string;
  readonly inside?: InsidePaths;
  /** How long the gateway's record may take to agree with the node's word. */
  readonly settleMs?: number;
  readonly onStep?: (text: string) => void;
};

const COMMAND_MS = 60_000;
const CONNECT_MS = 90_000;

/**
 * Makes the node host known to its gateway: exec policy first, then a one-use join code, then a comparison of both
 * ends' word. The gateway must be healthy and the node's service stopped. Safe to run again after any interruption;
 * `changed` is false when there was nothing to enrol. Throws a Problem, with the device removed, when the ends disagree.
 */
export async function enrolNode(input: EnrolInput): Promise<{ readonly deviceId: string; readonly changed: boolean }> {
  const step = input.onStep ?? (() => {});
  step('setting the exec policy');
  await applyExecPolicy(input);
  const before = await stateOf(input, await readIdentity(input));
  if (before.state === 'enrolled') return { deviceId: before.deviceId, changed: false };
  // A device with another surface is not repaired but enrolled anew: what it was allowed is not known.
  if (before.state === 'mismatch') await input.rpc.removeDevice(before.deviceId);
  step('enrolling the node host');
  const identity = await join(input);
  await settled(input, identity);
  if (input.previousDeviceId !== undefined && input.previousDeviceId !== identity.deviceId) await forget(input.rpc, input.previousDeviceId);
  return { deviceId: identity.deviceId, changed: true };
}

/** Writes the rules into the node's own policy, also while it runs; OpenClaw's default without it is full access. */
export async function applyExecPolicy(input: Pick<EnrolInput, 'once' | 'service' | 'name' | 'rules'>): Promise<void> {
  const document = execPolicyDocument(input.rules);
  const result = await input.once(input.service, ['{node}', '{openclaw}', 'approvals', 'set', '--stdin', '--json'], {
    stdin: document,
    timeoutMs: COMMAND_MS,
  });
  if (result.code !== 0) throw failed(input, 'exec policy', 'did not take its exec policy', result);
}

async function readIdentity(input: EnrolInput): Promise<NodeIdentity | undefined> {
  const result = await input.once(input.service, ['{node}', '{openclaw}', 'node', 'identity', '--json'], { timeoutMs: COMMAND_MS });
  // Exit 1 with nothing on stdout: there is none yet. It never makes one.
  if (result.timedOut || result.code === undefined) throw failed(input, 'identity', 'did not tell its identity', result);
  return result.code === 0 ? parseIdentity(result.stdout) : undefined;
}

async function stateOf(input: EnrolInput, identity: NodeIdentity | undefined): Promise<NodeState> {
  if (!identity) return { name: input.name, state: 'missing' };
  const expected = [{ name: input.name, deviceId: identity.deviceId }];
  const [state] = (await observeNodes(input.rpc, expected)).nodes;
  return state ?? { name: input.name, state: 'missing' };
}

async function join(input: EnrolInput): Promise<NodeIdentity> {
  const setup = await input.rpc.mintNodeSetup();
  const command = connectOnceCommand(input.name, CONNECT_MS - 10_000, input.inside ?? INSIDE);
  const result = await input.once(input.service, command, { stdin: setup.joinUrl, timeoutMs: CONNECT_MS });
  const identity = await readIdentity(input);
  const status = await input.rpc.setupStatus(setup.setupId);
  const user = status.completion ?? status.deliveryUncertain;
  // The code is a bearer credential: whoever used it is now a node of the gateway. Not ours: out again.
  if (user && user.deviceId !== identity?.deviceId) {
    await forget(input.rpc, user.deviceId);
    throw new Problem('openclaw/enrol-stranger', `another device used the join code of node ${input.name}`, {
      cause: `device ${plainText(user.deviceId, 64)} was connected and has been removed`,
      fix: 'find out who can reach the gateway, then run: lobsterpot up',
    });
  }
  if (result.code !== 0 || !identity) throw failed(input, 'connect', 'did not connect to its gateway', result, setup.joinUrl);
  return identity;
}

async function settled(input: EnrolInput, identity: NodeIdentity): Promise<void> {
  const enrolled = async (): Promise<true | undefined> => {
    const state = await stateOf(input, identity);
    return state.state === 'enrolled' && (await keyAgrees(input.rpc, identity)) ? true : undefined;
  };
  if (await until(enrolled, { timeoutMs: input.settleMs ?? 10_000, everyMs: 250 })) return;
  const last = await stateOf(input, identity);
  await forget(input.rpc, identity.deviceId);
  throw new Problem('openclaw/enrol-mismatch', `the gateway's record of node ${input.name} is not what the node says`, {
    cause: `${last.state === 'mismatch' ? plainText(last.reason, 300) : 'its key or its record is missing'}; the device has been removed`,
    fix: 'run: lobsterpot up',
  });
}

async function keyAgrees(rpc: GatewayRpc, identity: NodeIdentity): Promise<boolean> {
  const { paired } = await rpc.devices();
  return paired.some((one) => one.deviceId === identity.deviceId && one.publicKey === identity.publicKey);
}

async function forget(rpc: GatewayRpc, deviceId: string): Promise<void> {
  const { paired } = await rpc.devices();
  if (paired.some((one) => one.deviceId === deviceId)) await rpc.removeDevice(deviceId);
}

function failed(input: Pick<EnrolInput, 'name' | 'service'>, step: string, what: string, result: RunResult, secret?: string): Problem {
  const said = result.stderr.trim() || result.stdout.trim();
  const words = plainText(secret === undefined ? said : said.replaceAll(secret, '[redacted]'), 4000)
    .split('\n')
    .slice(-4)
    .join(' / ');
  return new Problem('openclaw/enrol', `node ${input.name} ${what}`, {
    cause: result.timedOut
      ? `${step}: no answer within its time limit`
      : words || `${step}: exit ${result.code ?? result.signal ?? 'unknown'}`,
    fix: `run: lobsterpot logs ${input.service}, then: lobsterpot up`,
  });
}
