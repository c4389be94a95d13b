import type { Reason, Target, Verdict } from '../policy/policy.ts';
import { normaliseTarget } from '../policy/target.ts';
import type { DecisionEvent, EndEvent } from '../policy/trail-line.ts';
import type { AccessLine } from './access-line.ts';
import type { Passage } from './hops.ts';

/** What a passage is in the trail: its decision and, if it was let through, how it ended. */
export type Told = { readonly decision: DecisionEvent; readonly end?: Omit<EndEvent, 'of'> };

/** What Squid's word for a failure is in ours. */
const ERRORS: Readonly<Record<string, Reason>> = {
  ERR_DNS_FAIL: 'unresolvable',
  ERR_CONNECT_FAIL: 'upstream-failed',
  ERR_CANNOT_FORWARD: 'upstream-failed',
  ERR_READ_TIMEOUT: 'upstream-failed',
  ERR_LIFETIME_EXP: 'upstream-failed',
  ERR_TOO_BIG: 'bad-request',
  ERR_INVALID_URL: 'bad-target',
  ERR_INVALID_REQ: 'bad-request',
  ERR_UNSUP_REQ: 'bad-request',
  ERR_PROTOCOL_UNKNOWN: 'bad-request',
};

/**
 * One connection of a client as the gate would have recorded it. Squid decided; `decide` says by which rule, or why not.
 * `why`: what ended a tunnel that was open. Pure.
 */
export function judgePassage(
  { line, hop }: Passage,
  client: string,
  of: { readonly decide: (target: Target) => Verdict; readonly why: EndEvent['why'] },
): Told {
  const target = line.toPort === undefined ? undefined : normaliseTarget(line.host, line.toPort);
  const known = target === undefined || 'refused' in target ? undefined : target;
  const place = { host: known?.host ?? line.host.slice(0, 255), port: known?.port ?? line.toPort ?? 0 };
  const asked = {
    kind: 'decision',
    client,
    via: line.method === 'CONNECT' ? 'connect' : line.method === '-' ? 'none' : 'http',
    ...place,
    ...(hop?.sni === undefined ? {} : { sni: hop.sni }),
  } as const;
  const verdict = known ? of.decide(known) : undefined;
  const refused = refusalOf(line, hop, verdict);
  if (refused) {
    const rule = verdict?.rule !== undefined && refused.reason === verdict.reason ? { rule: verdict.rule } : {};
    return { decision: { ...asked, verdict: 'deny', ...refused, ...rule } };
  }
  const address = hop ? hop.address : line.onPort === undefined ? undefined : line.address;
  return {
    decision: {
      ...asked,
      verdict: 'allow',
      ...passed(verdict),
      ...(address === undefined || address.startsWith('127.') ? {} : { address }),
    },
    end: { kind: 'end', client, ...place, up: line.up, down: line.down, ms: line.ms, why: of.why },
  };
}

type Refusal = { readonly reason: Reason; readonly detail?: string };

function refusalOf(line: AccessLine, hop: AccessLine | undefined, verdict: Verdict | undefined): Refusal | undefined {
  if (line.method !== 'CONNECT' && line.method !== '-') return { reason: 'bad-request', detail: 'Squid takes CONNECT alone here' };
  if (line.did === 'TCP_DENIED' || line.status === 403) return denied(verdict);
  if (line.status !== 200) return failed(line, hop);
  if (hop?.error === 'ERR_PROTOCOL_UNKNOWN') return { reason: 'not-tls' };
  if (hop?.hello === 'terminate') return { reason: hop.sni === undefined ? 'sni-missing' : 'sni-mismatch' };
  return undefined;
}

/** Squid does not say why: what the name alone does not forbid, the addresses behind it did. */
function denied(verdict: Verdict | undefined): Refusal {
  if (!verdict) return { reason: 'bad-target' };
  if (!verdict.allowed) return { reason: verdict.reason };
  return { reason: 'private-address', detail: 'the name leads to an address that is closed' };
}

function failed({ error, status }: AccessLine, hop: AccessLine | undefined): Refusal {
  const word = hop?.error ?? error;
  const known = word === undefined ? undefined : ERRORS[word];
  if (known !== undefined) return { reason: known };
  return { reason: status < 500 ? 'bad-request' : 'upstream-failed', detail: `Squid answered ${status}` };
}

function passed(verdict: Verdict | undefined): Pick<DecisionEvent, 'reason' | 'would' | 'rule' | 'detail'> {
  if (verdict?.allowed === true) {
    const { reason, would, rule } = verdict;
    return { reason, ...(would === undefined ? {} : { would }), ...(rule === undefined ? {} : { rule }) };
  }
  // It was open while the policy changed; Squid is started anew then, which is what ended it.
  return { reason: 'rule', detail: `let through by an earlier policy; by the one of now: ${verdict?.reason ?? 'not a host'}` };
}
