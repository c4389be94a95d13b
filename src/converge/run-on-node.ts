import { realpath } from 'node:fs/promises';

import { EXIT } from '../core/exit-code.ts';
import { Problem } from '../core/problem.ts';
import { execOnNode, type ExecOutcome } from '../openclaw/exec.ts';
import type { GatewayRpc } from '../openclaw/rpc.ts';
import type { NodeEntry } from '../topology/deployment.ts';
import { recordsOf, siteOf, type Engine } from './engine.ts';
import { atGateway, RPC_MS } from './gateway-door.ts';

/** Runs one command on an enrolled node through its gateway; a refusal is an outcome, not an exception. */
export async function runOnNode(
  engine: Engine,
  name: string,
  command: readonly string[],
  timeoutMs: number,
): Promise<{ readonly node: NodeEntry; readonly outcome: ExecOutcome }> {
  const node = engine.deployment.nodes.find((one) => one.name === name);
  if (!node) {
    throw new Problem('exec/no-node', `there is no node "${name}" in the file`, {
      cause: `it has: ${engine.deployment.nodes.map((one) => one.name).join(', ') || 'none'}`,
      fix: `lobsterpot exec ${engine.deployment.nodes[0]?.name ?? 'NODE'} -- COMMAND`,
      exit: EXIT.usage,
    });
  }
  const record = (await recordsOf(engine)).nodes[name];
  if (!record) {
    throw new Problem('exec/not-enrolled', `node ${name} is not enrolled`, {
      cause: 'it was never brought up',
      fix: 'lobsterpot up',
      exit: EXIT.unreachable,
    });
  }
  const indirect = await indirection(engine, node, command[0] ?? '');
  if (indirect !== undefined) return { node, outcome: { kind: 'refused', message: indirect } };
  const run = (rpc: GatewayRpc): Promise<ExecOutcome> => execOnNode(rpc, { nodeId: record.deviceId, command, timeoutMs });
  const outcome = await atGateway(engine, node.gateway, run, Math.max(RPC_MS, timeoutMs));
  return { node, outcome };
}

/**
 * Why a command is not sent at all. The node looks at what a name or a link leads to, so it would run these
 * when a rule names the file behind them; a person who types one should see which file they mean.
 */
async function indirection(engine: Engine, node: NodeEntry, given: string): Promise<string | undefined> {
  if (!given.startsWith('/')) return 'not sent: a bare name is looked up on the node';
  // Inside a container other files lie at the same paths.
  if ((await siteOf(engine, node)).kind !== 'process') return undefined;
  const real = await realpath(given).catch(() => given);
  return real === given ? undefined : `not sent: a link to ${real}`;
}
