import type { Finding } from '../../core/finding.ts';
import { reasonOf } from '../../core/problem.ts';
import { execPolicyDrift } from '../../openclaw/exec-policy-drift.ts';
import { execOnNode } from '../../openclaw/exec.ts';
import type { GatewayRpc } from '../../openclaw/rpc.ts';
import type { NodeEntry } from '../../topology/deployment.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { failIfAny, findingOf, pass, unknown } from '../catalogue/judgement.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import { execTrials } from './exec-trials.ts';
import type { Trial } from './exec-trials.ts';

export const EXEC_ALLOWED = {
  id: 'exec.allowed',
  title: 'a command that a rule allows runs on the node',
  severity: 'medium',
  from: 'gateway',
  tries:
    'a harmless allowed command through the gateway; where there is none, asking the node where a program lies: the control of exec.refused',
  sabotage: 'the exec policy allows nothing',
} as const satisfies CheckInfo;

export const EXEC_REFUSED = {
  id: 'exec.refused',
  title: 'the node refuses every other command',
  severity: 'critical',
  from: 'gateway',
  tries:
    'through the gateway: a program without a rule, a shell, a wrapper, a bare name, a path with dots, and other, further and chained arguments for an allowed program',
  sabotage: 'a rule is added on the node by hand',
} as const satisfies CheckInfo;

export const EXEC_POLICY = {
  id: 'exec.policy',
  title: 'the node enforces exactly the rules of the file',
  severity: 'critical',
  from: 'gateway',
  tries: "reading the node's own exec policy and comparing it with lobsterpot.yaml",
  sabotage: 'the exec policy is set to full',
} as const satisfies CheckInfo;

const RUN_MS = 8000;

type Outcome = { readonly trial: Trial; readonly ran: boolean | undefined; readonly detail: string };

/** The three checks for one enrolled node. */
export async function checkExec(rpc: GatewayRpc, node: NodeEntry, nodeId: string): Promise<readonly Finding[]> {
  const subject = `node-${node.name}`;
  const fix = `set the exec policy of lobsterpot.yaml again: lobsterpot up`;
  const outcomes: Outcome[] = [];
  // One after the other: a node runs few commands at a time.
  for (const trial of execTrials(node.exec)) outcomes.push(await tryOne(rpc, nodeId, trial));
  const isThere = await rpc.invoke(nodeId, 'system.which', { bins: ['uname'] }, RUN_MS).then(
    (answer) => answer.ok,
    () => false,
  );
  const drift = await rpc.execPolicy(nodeId).then(
    (document) => ({ text: execPolicyDrift(document, node.exec) }),
    (error: unknown) => ({ unread: reasonOf(error) }),
  );
  return [
    findingOf(EXEC_ALLOWED, subject, judgeAllowed(outcomes, isThere), `see why: lobsterpot status; then: lobsterpot up`),
    findingOf(EXEC_REFUSED, subject, judgeRefused(outcomes, isThere), fix),
    findingOf(
      EXEC_POLICY,
      subject,
      'unread' in drift ? unknown(drift.unread) : failIfAny(drift.text === undefined ? [] : [drift.text], `${node.exec.length} rules`),
      fix,
    ),
  ];
}

async function tryOne(rpc: GatewayRpc, nodeId: string, trial: Trial): Promise<Outcome> {
  try {
    const outcome = await execOnNode(rpc, { nodeId, command: trial.command, timeoutMs: RUN_MS });
    return outcome.kind === 'ran' ? { trial, ran: true, detail: `exit ${outcome.exitCode}` } : { trial, ran: false, detail: 'refused' };
  } catch (error) {
    return { trial, ran: undefined, detail: reasonOf(error) };
  }
}

/** Pure half of `exec.allowed`. */
export function judgeAllowed(outcomes: readonly Outcome[], isThere: boolean): Judgement {
  const wanted = outcomes.filter(({ trial }) => trial.allowed);
  if (wanted.length === 0)
    return isThere
      ? pass('the node answers; no rule names a program that can be tried without effect')
      : unknown('the node does not answer');
  const unclear = wanted.filter(({ ran }) => ran === undefined);
  if (unclear.length > 0) return unknown(unclear.map(tell).join(', '));
  return failIfAny(wanted.filter(({ ran }) => ran === false).map(tell), wanted.map(tell).join(', '));
}

/** Pure half of `exec.refused`: a refusal counts only from a node that answers. */
export function judgeRefused(outcomes: readonly Outcome[], isThere: boolean): Judgement {
  const unwanted = outcomes.filter(({ trial }) => !trial.allowed);
  const ran = unwanted.filter((one) => one.ran === true);
  if (ran.length > 0) return failIfAny(ran.map(tell), '');
  const unclear = unwanted.filter((one) => one.ran === undefined);
  if (unclear.length > 0) return unknown(unclear.map(tell).join(', '));
  const control = isThere || outcomes.some(({ trial, ran: did }) => trial.allowed && did === true);
  return control ? pass(`${unwanted.length} commands refused`) : unknown('the node does not answer');
}

function tell({ trial, detail }: Outcome): string {
  return `${trial.name} (${trial.command.join(' ')}): ${detail}`;
}
