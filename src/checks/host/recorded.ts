import type { Finding } from '../../core/finding.ts';
import { reasonOf } from '../../core/problem.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { failIfAny, findingOf, unknown } from '../catalogue/judgement.ts';
import type { DeniedAttempt, ProofInput } from '../proof-input.ts';

export const RECORDED = {
  id: 'egress.recorded',
  title: 'what the gate refused stands in its trail',
  severity: 'high',
  from: 'host',
  tries: 'looking in the trail for the random names that this very run asked for, under the client that asked',
  sabotage: 'the trail is not written',
} as const satisfies CheckInfo;

/** The check, after the probes have run. */
export async function checkRecorded(input: ProofInput, canaries: ReadonlyMap<string, string>, sinceMs: number): Promise<readonly Finding[]> {
  if (!input.denied || canaries.size === 0) return [];
  const fix = 'see why it is not written: lobsterpot logs gate; then: lobsterpot up';
  try {
    const denied = await input.denied(sinceMs);
    const missing = missingIn(denied, canaries);
    return [findingOf(RECORDED, 'gate', failIfAny(missing.map((client) => `nothing of ${client}`), `${canaries.size} clients, ${denied.length} refusals`), fix)];
  } catch (error) {
    return [findingOf(RECORDED, 'gate', unknown(`the trail could not be read: ${reasonOf(error)}`), fix)];
  }
}

/** The clients none of whose canaries is recorded under their own name. */
export function missingIn(denied: readonly DeniedAttempt[], canaries: ReadonlyMap<string, string>): readonly string[] {
  return [...canaries].filter(([client, canary]) => !denied.some((one) => one.client === client && one.host.includes(canary))).map(([client]) => client);
}
