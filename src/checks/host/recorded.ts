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

export const TUNNELS_RECORDED = {
  id: 'egress.tunnels-recorded',
  title: 'it was the gate that cut off the tunnels',
  severity: 'critical',
  from: 'host',
  tries: "looking in the trail for the gate's refusal of this very run's tunnels with another name, no name and no TLS; an alert alone could be the far end's",
  sabotage: 'the gate does not read the hello',
} as const satisfies CheckInfo;

/** What this run did at the gate as one client. */
export type GateClient = { readonly client: string; readonly canary: string; readonly allowedName?: string };

const FIX = 'see what the gate does: lobsterpot logs gate; then: lobsterpot up';
const TUNNEL_REASONS = ['sni-mismatch', 'sni-missing', 'not-tls'] as const;

/** Both checks, after the probes have run. */
export async function checkRecorded(input: ProofInput, clients: readonly GateClient[], sinceMs: number): Promise<readonly Finding[]> {
  if (!input.denied || clients.length === 0) return [];
  try {
    const denied = await input.denied(sinceMs);
    const missing = missingIn(denied, clients).map((client) => `nothing of ${client}`);
    return [findingOf(RECORDED, 'gate', failIfAny(missing, `${clients.length} clients, ${denied.length} refusals`), FIX), ...clients.flatMap((client) => judgeTunnels(denied, client))];
  } catch (error) {
    const reason = unknown(`the trail could not be read: ${reasonOf(error)}`);
    return [RECORDED, TUNNELS_RECORDED].map((check) => findingOf(check, 'gate', reason, FIX));
  }
}

function judgeTunnels(denied: readonly DeniedAttempt[], { client, allowedName }: GateClient): readonly Finding[] {
  if (allowedName === undefined) return [];
  const own = denied.filter((one) => one.client === client && one.host === allowedName);
  // Without a way to the internet the gate may end a tunnel before it has read a hello.
  const offline = own.some(({ reason }) => reason === 'unresolvable' || reason === 'upstream-failed');
  const missing = TUNNEL_REASONS.filter((wanted) => !own.some(({ reason }) => reason === wanted));
  const judged = missing.length > 0 && offline ? unknown('no way to the internet from here') : failIfAny(missing.map((reason) => `no refusal for ${reason}`), TUNNEL_REASONS.join(', '));
  return [findingOf(TUNNELS_RECORDED, client, judged, FIX)];
}

/** The clients none of whose canaries is recorded under their own name. */
export function missingIn(denied: readonly DeniedAttempt[], clients: readonly GateClient[]): readonly string[] {
  return clients.filter(({ client, canary }) => !denied.some((one) => one.client === client && one.host.includes(canary))).map(({ client }) => client);
}
