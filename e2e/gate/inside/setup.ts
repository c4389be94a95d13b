import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from 'node:test';
import { verifyTrail } from '../../../src/audit/verify-trail.ts';
import { isRecord } from '../../../src/core/json.ts';
import { until } from '../../../src/core/wait.ts';
import type { GateStatus } from '../../../src/policy/gate-protocol.ts';
import { currentLab } from '../../lab/lab-client.ts';
import { connectThrough, secure } from '../gate-client.ts';
import { type GateOptions, type RunningGate, policyOf, startGate } from '../start-gate.ts';

// Runs inside the lab (gate.test.ts starts it there): every name and address below is the lab's.
const found = currentLab();
assert.ok(found, 'this file runs inside the lab');

export const lab = found;
export const { ca } = lab;
export const API = 'api.anthropic.com';
export const MAIN = 'gateway-main';

/** Gates of the present test: their trails are verified and they are removed after it. */
export const running: RunningGate[] = [];
/** Starts a gate that allows these places (`host` or `host port`). */
export const gateWith = async (allow: readonly string[], more: GateOptions = {}): Promise<RunningGate> => {
  const gate = await startGate({ policy: policyOf(allow), ...more });
  running.push(gate);
  return gate;
};
afterEach(async () => {
  for (const gate of running.splice(0)) {
    const checked = await verifyTrail(gate.trailFolder);
    await gate.remove();
    assert.equal(checked.ok, true, JSON.stringify(checked));
  }
});

export type Line = Readonly<Record<string, unknown>>;

export function trailOf(gate: RunningGate): readonly Line[] {
  return readdirSync(gate.trailFolder)
    .toSorted()
    .flatMap((name) => readFileSync(join(gate.trailFolder, name), 'utf8').trim().split('\n'))
    .map((line) => {
      const value: unknown = JSON.parse(line);
      assert.ok(isRecord(value));
      return value;
    });
}

/** The ends in the trail, once there are so many: they are written some milliseconds late, several together. */
export async function endsOf(gate: RunningGate, count = 1): Promise<readonly Line[]> {
  const ends = (): readonly Line[] => trailOf(gate).filter((line) => line['kind'] === 'end');
  return (await until(async () => (ends().length >= count ? ends() : undefined), { timeoutMs: 3000, everyMs: 10 })) ?? ends();
}

export const decisions = (gate: RunningGate): readonly Line[] => trailOf(gate).filter((line) => line['kind'] === 'decision');
export const lastDecision = (gate: RunningGate): string => {
  const line = decisions(gate).at(-1);
  return `${String(line?.['verdict'])} ${String(line?.['reason'])}`;
};

export async function statusOf(gate: RunningGate): Promise<GateStatus> {
  const answer = await gate.ask({ op: 'status' });
  assert.ok(answer.ok && answer.op === 'status');
  return answer.status;
}

export async function tunnelTo(gate: RunningGate, host = API, client = MAIN): ReturnType<typeof secure> {
  const { code, socket } = await connectThrough(gate.path(client), `${host}:443`);
  assert.equal(code, 200);
  return secure(socket, host, ca);
}

/** What the lab's internet has seen so far: the place to count on from. */
export async function ledgerMark(): Promise<number> {
  return (await lab.ledger()).entries.at(-1)?.seq ?? 0;
}
