import { z } from 'zod';
import { Problem } from '../core/problem.ts';
import type { GatewayRpc } from './rpc.ts';

/** What came of a command on a node; all texts are untrusted. `exitCode` is 124 after a time-out and 126 when it had none of its own. */
export type ExecOutcome =
  | { readonly kind: 'ran'; readonly exitCode: number; readonly stdout: string; readonly stderr: string; readonly timedOut: boolean }
  /** By the node's own exec policy. */
  | { readonly kind: 'refused'; readonly message: string };

const RUN = z.object({
  exitCode: z.int().min(0).max(255).nullish(),
  timedOut: z.boolean(),
  success: z.boolean(),
  stdout: z.string(),
  stderr: z.string(),
  error: z.string().nullish(),
});

/**
 * Runs one command on a node through its gateway, under the node's exec policy, without an agent or a model.
 * Throws a Problem when the node is not reachable or answers something unknown.
 */
export async function execOnNode(
  rpc: GatewayRpc,
  input: { readonly nodeId: string; readonly command: readonly string[]; readonly timeoutMs: number },
): Promise<ExecOutcome> {
  const params = { command: input.command, agentId: 'main', timeoutMs: input.timeoutMs };
  const answer = await rpc.invoke(input.nodeId, 'system.run', params, input.timeoutMs + 5000);
  if (!answer.ok) {
    // A refused environment comes under the code of a bad request, and says what it is in its text.
    if (answer.code === 'SYSTEM_RUN_DENIED' || answer.message.includes('SYSTEM_RUN_DENIED'))
      return { kind: 'refused', message: answer.message };
    throw new Problem('openclaw/exec', 'the node did not run the command', {
      cause: `${answer.code}: ${answer.message}`,
      fix: 'run: lobsterpot status, and if the node is not connected: lobsterpot up',
    });
  }
  const run = RUN.safeParse(answer.payload);
  if (!run.success) {
    throw new Problem('openclaw/exec-answer', "the node's answer is not of the known form", {
      cause: z.prettifyError(run.error).slice(0, 300),
      fix: 'use an OpenClaw version that this lobsterpot knows, then run: lobsterpot up',
    });
  }
  const { exitCode, stdout, stderr, timedOut, error } = run.data;
  // No exit code: killed by a signal or never started; OpenClaw then says why in `error`.
  return { kind: 'ran', exitCode: exitCode ?? (timedOut ? 124 : 126), stdout, stderr: stderr || (error ?? ''), timedOut };
}
