import { GatewayClient, GatewayClientRequestError } from '@openclaw/gateway-client';
import { z } from 'zod';
import { isRecord } from '../core/json.ts';
import { plainText } from '../core/plain-text.ts';
import { Problem, reasonOf } from '../core/problem.ts';
import type { Redacted } from '../core/redacted.ts';
import { CONFIG_STATE, DEVICE_LIST, HEALTH, NODE_EXEC_POLICY, NODE_LIST, PAIRED_NODES, SETUP, SETUP_STATUS } from './rpc-answers.ts';
import type { ConfigState, Device, NodeInfo, PairedNode, Setup, SetupStatus } from './rpc-answers.ts';

/** Where a gateway is reached: `ws://127.0.0.1:PORT` of its published port. */
export type GatewayAddress = { readonly url: string; readonly token: Redacted; readonly timeoutMs: number };

/** What a node answered to a command, or the refusal of the node or the gateway. */
export type InvokeAnswer =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** One open connection to a gateway, as its operator; each call has a time limit and a checked answer. */
export type GatewayRpc = {
  health(): Promise<void>;
  /** What the gateway says of its configuration file as it is now; one that is not valid is not in force, the one before is. */
  configState(): Promise<ConfigState>;
  devices(): Promise<{ readonly paired: readonly Device[]; readonly pending: readonly Device[] }>;
  pairedNodes(): Promise<{ readonly paired: readonly PairedNode[]; readonly pending: readonly PairedNode[] }>;
  nodes(): Promise<readonly NodeInfo[]>;
  /** A join code for exactly one node: a bearer credential. */
  mintNodeSetup(): Promise<Setup>;
  setupStatus(setupId: string): Promise<SetupStatus>;
  removeDevice(deviceId: string): Promise<void>;
  rejectDevice(requestId: string): Promise<void>;
  approveDevice(requestId: string): Promise<void>;
  /** The exec policy document that the node itself enforces; undefined when it has none (which means full access). */
  execPolicy(nodeId: string): Promise<unknown>;
  invoke(nodeId: string, command: string, params: unknown, timeoutMs: number): Promise<InvokeAnswer>;
};

// Both ends speak exactly this version of the wire protocol (OpenClaw 2026.9).
const PROTOCOL = 4;

/**
 * Connects, gives the connection to `use`, and always closes it. Throws a Problem when the gateway does not take us in, or when
 * `signal` says that nobody waits for it any more.
 */
export async function withGateway<T>(address: GatewayAddress, use: (rpc: GatewayRpc) => Promise<T>, signal?: AbortSignal): Promise<T> {
  const hello = Promise.withResolvers<void>();
  const client = new GatewayClient({
    url: address.url,
    token: address.token.reveal(),
    minProtocol: PROTOCOL,
    maxProtocol: PROTOCOL,
    role: 'operator',
    scopes: ['operator.admin', 'operator.read', 'operator.write', 'operator.pairing', 'operator.approvals'],
    // null: no identity of our own, so nothing is read from or written to disk; the shared token on loopback is enough.
    deviceIdentity: null,
    env: {},
    requestTimeoutMs: address.timeoutMs,
    connectChallengeTimeoutMs: address.timeoutMs,
    onHelloOk: () => hello.resolve(),
    onConnectError: (error) => hello.reject(error),
    onReconnectPaused: (info) => hello.reject(new Error(info.reason)),
  });
  const limit = setTimeout(() => hello.reject(new Error(`no answer within ${address.timeoutMs} ms`)), address.timeoutMs);
  const giveUp = (): void => {
    hello.reject(new Error('nobody waits for it any more'));
    // What was asked already fails with the connection.
    client.stop();
  };
  signal?.addEventListener('abort', giveUp);
  try {
    if (signal?.aborted === true) giveUp();
    else client.start();
    await hello.promise.catch((error: unknown) => {
      throw unreachable(address, error);
    });
    clearTimeout(limit);
    return await use(callsOf(client, address.timeoutMs));
  } finally {
    clearTimeout(limit);
    signal?.removeEventListener('abort', giveUp);
    await client.stopAndWait({ timeoutMs: 2000 }).catch(() => client.stop());
  }
}

function callsOf(client: GatewayClient, timeoutMs: number): GatewayRpc {
  const call = async <S extends z.ZodType>(schema: S, method: string, params: unknown): Promise<z.output<S>> => {
    const answer = await client.request<unknown>(method, params, { timeoutMs }).catch((error: unknown) => {
      throw failed(method, error);
    });
    const parsed = schema.safeParse(answer);
    if (!parsed.success) throw unexpected(method, parsed.error);
    return parsed.data;
  };
  return {
    health: async () => void (await call(HEALTH, 'health', {})),
    configState: () => call(CONFIG_STATE, 'config.get', {}),
    devices: () => call(DEVICE_LIST, 'device.pair.list', {}),
    pairedNodes: () => call(PAIRED_NODES, 'node.pair.list', {}),
    nodes: async () => (await call(NODE_LIST, 'node.list', {})).nodes,
    mintNodeSetup: () => call(SETUP, 'device.pair.setupCode', { bootstrapProfile: 'node', includeQr: false, joinUrl: true }),
    setupStatus: (setupId) => call(SETUP_STATUS, 'device.pair.setupStatus', { setupId }),
    removeDevice: async (deviceId) => void (await call(z.unknown(), 'device.pair.remove', { deviceId })),
    rejectDevice: async (requestId) => void (await call(z.unknown(), 'device.pair.reject', { requestId })),
    approveDevice: async (requestId) => void (await call(z.unknown(), 'device.pair.approve', { requestId })),
    execPolicy: async (nodeId) => {
      const answer = await call(NODE_EXEC_POLICY, 'exec.approvals.node.get', { nodeId });
      return answer.exists ? answer.file : undefined;
    },
    invoke: (nodeId, command, params, invokeTimeoutMs) => invoke(client, nodeId, command, params, invokeTimeoutMs),
  };
}

async function invoke(client: GatewayClient, nodeId: string, command: string, params: unknown, timeoutMs: number): Promise<InvokeAnswer> {
  try {
    const answer = await client.request<unknown>(
      'node.invoke',
      { nodeId, command, params, timeoutMs, idempotencyKey: crypto.randomUUID() },
      // The node's own limit comes first, so that its answer is seen and not our giving up.
      { timeoutMs: timeoutMs + 5000 },
    );
    return { ok: true, payload: isRecord(answer) ? answer['payload'] : undefined };
  } catch (error) {
    if (error instanceof GatewayClientRequestError) return refusal(error);
    throw failed('node.invoke', error);
  }
}

function refusal(error: GatewayClientRequestError): InvokeAnswer {
  const details: unknown = error.details;
  const nodeError = isRecord(details) && isRecord(details['nodeError']) ? details['nodeError'] : {};
  const code = typeof nodeError['code'] === 'string' ? nodeError['code'] : error.gatewayCode;
  return { ok: false, code: plainText(code, 80), message: plainText(error.message, 500) };
}

function unreachable(address: GatewayAddress, error: unknown): Problem {
  return new Problem('openclaw/gateway-connect', `the gateway at ${address.url} does not take the connection`, {
    cause: plainText(reasonOf(error), 300),
    fix: 'run: lobsterpot status, and if the gateway is not healthy: lobsterpot up',
    from: error,
  });
}

function failed(method: string, error: unknown): Problem {
  return new Problem('openclaw/rpc', `the gateway refused or did not finish ${method}`, {
    cause: plainText(reasonOf(error), 300),
    fix: 'run: lobsterpot status',
    from: error,
  });
}

function unexpected(method: string, error: z.ZodError): Problem {
  return new Problem('openclaw/rpc-answer', `the gateway's answer to ${method} is not of the known form`, {
    cause: plainText(z.prettifyError(error), 300),
    fix: 'use an OpenClaw version that this lobsterpot knows, then run: lobsterpot up',
  });
}
