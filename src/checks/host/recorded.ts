import { release } from 'node:os';
import type { Finding } from '../../core/finding.ts';
import { reasonOf } from '../../core/problem.ts';
import { until } from '../../core/wait.ts';
import { keepsLowPorts } from '../../runtimes/low-ports.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { fail, failIfAny, findingOf, pass, unknown, type Judgement } from '../catalogue/judgement.ts';
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
  tries:
    "looking in the trail for the gate's refusal of this very run's tunnels with another name, no name and no TLS; an alert alone could be the far end's",
  sabotage: 'the gate does not read the hello',
} as const satisfies CheckInfo;

export const QUESTIONS_RECORDED = {
  id: 'egress.dns-recorded',
  title: 'a name that is only asked for stands in the trail',
  severity: 'high',
  from: 'host',
  tries: 'looking in the trail for the DNS questions of this very run, under the service that asked; data leaves in names elsewhere',
  sabotage: 'questions are refused and nobody learns of them',
} as const satisfies CheckInfo;

/** What this run did at the gate as one client. */
export type GateClient = {
  readonly client: string;
  readonly canary: string;
  readonly allowedName?: string;
  /** The service's own resolver said no to its question. */
  readonly resolverAnswered?: boolean;
};

const FIX = 'see what the gate does: lobsterpot logs gate; then: lobsterpot up';
const WRITTEN_MS = 3000;
const TUNNEL_REASONS = ['sni-mismatch', 'sni-missing', 'not-tls'] as const;

/** Both checks, after the probes have run. */
export async function checkRecorded(input: ProofInput, clients: readonly GateClient[], sinceMs: number): Promise<readonly Finding[]> {
  if (!input.denied || clients.length === 0) return [];
  try {
    const read = async (): Promise<readonly DeniedAttempt[]> => (await input.denied?.(sinceMs)) ?? [];
    // The gate writes its trail a moment after it has answered.
    const settled = await until(
      async () => {
        const denied = await read();
        return isWhole(denied, clients) ? denied : undefined;
      },
      { timeoutMs: WRITTEN_MS, everyMs: 200 },
    );
    // Without containers it is this machine.
    const kernel = input.docker ? input.docker.traits.kernel : release();
    return judgeTrail(settled ?? (await read()), clients, keepsLowPorts(kernel ?? ''));
  } catch (error) {
    const reason = unknown(`the trail could not be read: ${reasonOf(error)}`);
    return [RECORDED, QUESTIONS_RECORDED, TUNNELS_RECORDED].map((check) => findingOf(check, 'gate', reason, FIX));
  }
}

/**
 * Nothing is to come any more: every canary is there, and of every client either the three refusals of its tunnels or, where there is no
 * way to the internet, one refusal for each of them and one for the allowed name itself. Pure.
 */
export function isWhole(denied: readonly DeniedAttempt[], clients: readonly GateClient[]): boolean {
  const tunnels = clients.filter(({ allowedName }) => allowedName !== undefined);
  return (
    missingIn(denied, clients).length === 0 &&
    tunnels.every((client) => {
      const own = denied.filter((one) => one.client === client.client && one.host === client.allowedName);
      return TUNNEL_REASONS.every((wanted) => own.some(({ reason }) => reason === wanted)) || own.length > TUNNEL_REASONS.length;
    })
  );
}

/** What a trail says about the clients of one run. */
export function judgeTrail(denied: readonly DeniedAttempt[], clients: readonly GateClient[], noResolver = false): readonly Finding[] {
  // Above a certain rate the gate counts refusals instead of recording each: then a missing one means nothing.
  const counted = new Set(denied.filter(({ reason, host }) => reason === 'limit' && host === '').map(({ client }) => client));
  const unclear = clients.filter(({ client }) => counted.has(client)).map(({ client }) => client);
  const missing = missingIn(denied, clients).filter((client) => !counted.has(client));
  const recorded =
    missing.length === 0 && unclear.length > 0
      ? unknown(`so many refusals that they were only counted: ${unclear.join(', ')}`)
      : failIfAny(
          missing.map((client) => `nothing of ${client}`),
          `${clients.length} clients, ${denied.length} refusals`,
        );
  return [
    findingOf(RECORDED, 'gate', recorded, FIX),
    ...clients.map((client) => judgeQuestions(denied, client, counted.has(client.client), noResolver)),
    ...clients.flatMap((client) => judgeTunnels(denied, client, counted.has(client.client))),
  ];
}

function judgeTunnels(denied: readonly DeniedAttempt[], { client, allowedName }: GateClient, counted: boolean): readonly Finding[] {
  if (allowedName === undefined) return [];
  const own = denied.filter((one) => one.client === client && one.host === allowedName);
  // Without a way to the internet the gate may end a tunnel before it has read a hello.
  const offline = own.some(({ reason }) => reason === 'unresolvable' || reason === 'upstream-failed');
  const missing = TUNNEL_REASONS.filter((wanted) => !own.some(({ reason }) => reason === wanted));
  const excuse = counted
    ? 'so many refusals that they were only counted: try again in a minute'
    : offline
      ? 'no way to the internet from here'
      : undefined;
  const judged =
    missing.length > 0 && excuse !== undefined
      ? unknown(excuse)
      : failIfAny(
          missing.map((reason) => `no refusal for ${reason}`),
          TUNNEL_REASONS.join(', '),
        );
  return [findingOf(TUNNELS_RECORDED, client, judged, FIX)];
}

/** The clients none of whose canaries is recorded under their own name. */
function missingIn(denied: readonly DeniedAttempt[], clients: readonly GateClient[]): readonly string[] {
  return clients
    .filter(({ client, canary }) => !denied.some((one) => isOf(one, client, canary) && one.reason !== QUESTION))
    .map(({ client }) => client);
}

function isOf(one: DeniedAttempt, client: string, canary: string): boolean {
  return one.client === client && one.host.includes(canary);
}

const QUESTION = 'dns-question';

function judgeQuestions(
  denied: readonly DeniedAttempt[],
  { client, canary, resolverAnswered = false }: GateClient,
  counted: boolean,
  noResolver: boolean,
): Finding {
  const found = denied.filter((one) => isOf(one, client, canary) && one.reason === QUESTION).length;
  const judged = (): Judgement => {
    if (found > 0) return pass(`${found} questions`);
    if (counted) return unknown('so many refusals that they were only counted: try again in a minute');
    if (resolverAnswered) return fail('its resolver answers, and nothing of what it asked is recorded');
    if (noResolver)
      return { status: 'not-enforced', message: 'this kernel keeps port 53 for root: questions go nowhere and are not recorded' };
    return unknown('nobody answers its questions: they go nowhere and are not recorded');
  };
  return findingOf(QUESTIONS_RECORDED, client, judged(), FIX);
}
