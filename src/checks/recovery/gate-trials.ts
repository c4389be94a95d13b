import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding } from '../../core/finding.ts';
import { reasonOf } from '../../core/problem.ts';
import { until } from '../../core/wait.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { fail, failIfAny, findingOf, pass, unknown } from '../catalogue/judgement.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import { DIRECT_PROBES } from '../probes/direct-probes.ts';
import { judgeService } from '../probes/judge-service.ts';
import type { Probe } from '../probes/probe.ts';
import { connectHead } from '../probes/request-heads.ts';
import { runInside } from '../probes/run-inside.ts';
import { gatePort } from '../probes/subject.ts';
import type { Subject } from '../probes/subject.ts';
import type { ProofInput } from '../proof-input.ts';

export const GATE_DOWN = {
  id: 'recovery.gate-down',
  title: 'without the gate nothing leaves',
  severity: 'critical',
  from: 'disruptive',
  tries: 'stopping the gate, then every direct way out and CONNECT through its socket',
  sabotage: 'a service has a second way out',
} as const satisfies CheckInfo;

export const GATE_BACK = {
  id: 'recovery.gate-back',
  title: 'a killed gate comes back by itself',
  severity: 'high',
  from: 'disruptive',
  tries: 'killing the gate and waiting until it answers services again',
  sabotage: 'nothing brings the gate back',
} as const satisfies CheckInfo;

const BACK_MS = 15_000;
const FIX = 'look at its log: lobsterpot logs gate; then: lobsterpot up';

/** Stops the gate, tries everything that passes by it, starts it, kills it, waits for it. */
export async function tryWithoutGate(input: ProofInput, subjects: readonly Subject[]): Promise<readonly Finding[]> {
  const clients = subjects.filter((subject) => gatePort(subject) !== undefined);
  try {
    await input.runtime.stop(['gate']);
    let down: readonly Finding[];
    try {
      down = await Promise.all(clients.map((subject) => whileDown(input, subject)));
    } finally {
      await input.runtime.start(['gate']);
    }
    return [...down, findingOf(GATE_BACK, 'gate', await killAndWait(input, clients), FIX)];
  } catch (error) {
    return [findingOf(GATE_BACK, 'gate', unknown(`it could not be stopped and started: ${reasonOf(error)}`), FIX)];
  }
}

const THROUGH_GATE = 'recovery.through-gate';

/** The direct probes, and a CONNECT that must not be answered with 200. */
function probesFor(subject: Subject): readonly Probe[] {
  const port = gatePort(subject) ?? 0;
  const [model] = DIRECT_PROBES;
  if (!model) return [];
  return [
    ...DIRECT_PROBES,
    {
      ...model,
      id: THROUGH_GATE,
      control: 'none',
      attempts: () => ({ CONNECT: { kind: 'gate', port, head: connectHead(`${subject.canary}.lobsterpot.invalid:443`) } }),
      judge: (results) => {
        const result = results.get('CONNECT');
        if (!result) return unknown('nothing was tried');
        if (result.status !== undefined) return fail(`something answered in the place of the gate: ${result.status}`);
        return pass('nobody answers');
      },
    },
  ];
}

async function whileDown(input: ProofInput, subject: Subject): Promise<Finding> {
  const probes = probesFor(subject);
  const findings = judgeService(probes, subject, await runInside(input.runtime, probes, subject));
  const failed = findings.filter(({ status }) => status === 'fail');
  const unclear = findings.filter(({ status }) => status === 'unknown');
  const judged =
    failed.length > 0 || unclear.length === 0
      ? failIfAny(
          failed.map(({ message }) => message),
          `${findings.length} ways tried`,
        )
      : unknown(unclear.map(({ message }) => message).join(', '));
  return findingOf(GATE_DOWN, subject.service.name, judged, FIX);
}

async function killAndWait(input: ProofInput, clients: readonly Subject[]): Promise<Judgement> {
  const before = await pidOfGate(input);
  if (before === undefined) return unknown('the gate has no process that can be killed');
  const startedMs = performance.now();
  await killGate(input, before);
  const isBack = await until(async () => ((await pidOfGate(input)) ?? before) !== before || undefined, {
    timeoutMs: BACK_MS,
    everyMs: 250,
  });
  if (isBack === undefined) return fail(`it was killed and not back within ${BACK_MS / 1000} s`);
  const tookMs = performance.now() - startedMs;
  // The listeners of a gate that is just healthy may be a moment behind.
  await sleep(200);
  const [client] = clients;
  if (!client) return pass(`back after ${(tookMs / 1000).toFixed(1)} s`);
  const answered = await until(async () => ((await answers(input, client)) ? true : undefined), { timeoutMs: 10_000, everyMs: 500 });
  return answered
    ? pass(`back after ${(tookMs / 1000).toFixed(1)} s, and answers ${client.service.name}`)
    : fail(`it is back and does not answer ${client.service.name}`);
}

/** From inside where it is in a container: the engine's own `kill` counts as a wish that it stay down. */
async function killGate(input: ProofInput, pid: number): Promise<void> {
  if (input.kind === 'process') await input.host.run(['kill', '-KILL', String(pid)], { timeoutMs: 5000 });
  else await input.runtime.inside('gate', ['{node}', '-e', 'process.kill(-1, "SIGKILL")'], { timeoutMs: 5000 });
}

async function pidOfGate(input: ProofInput): Promise<number | undefined> {
  const gate = (await input.runtime.observe()).find(({ name }) => name === 'gate');
  return gate?.state === 'healthy' ? gate.pid : undefined;
}

async function answers(input: ProofInput, subject: Subject): Promise<boolean> {
  const probes = probesFor(subject).filter(({ id }) => id === THROUGH_GATE);
  const results = await runInside(input.runtime, probes, subject);
  return typeof results !== 'string' && results.get(`${THROUGH_GATE}#CONNECT`)?.status !== undefined;
}
