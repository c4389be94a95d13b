import { Problem } from '../core/problem.ts';
import type { PendingEntry } from '../policy/gate-protocol.ts';
import {
  NO_OVERRIDES,
  type OverrideRule,
  type Overrides,
  addOverride,
  parseOverrides,
  removeOverride,
  renderOverrides,
} from '../policy/overrides.ts';
import type { Verdict } from '../policy/policy.ts';
import { type AskGate, controlGate, refused } from './control-client.ts';
import type { TrailSummary } from './summarise.ts';

/** Where a deployment keeps what the egress commands need; whoever calls knows hosts, owners and modes. */
export type EgressPlace = {
  /** Absolute path on this machine; a copy where the trail lies elsewhere. */
  readonly trailFolder: () => Promise<string>;
  readonly ask: AskGate;
  /** undefined: there is no such file yet. */
  readonly readOverrides: () => Promise<string | undefined>;
  /** Atomic, readable for the gate's identity. The caller holds the deployment's lock. */
  readonly writeOverrides: (text: string) => Promise<void>;
};

/** What changed, and what the gate now says about that place. */
export type OverrideChange = {
  readonly rule: Pick<OverrideRule, 'host' | 'port' | 'client' | 'until'>;
  /** Tunnels that the change closed. */
  readonly closed: number;
  /** Absent for a wildcard: only whole names can be tested. */
  readonly verdict?: Verdict;
};

/** Allows or denies one place, for a time or for good, and has the gate apply it at once; `note` goes into the trail too. */
export async function override(place: EgressPlace, rule: OverrideRule, note = ''): Promise<OverrideChange> {
  const overrides = await loadOverrides(place);
  await place.writeOverrides(renderOverrides(addOverride(overrides, rule, rule.atMs)));
  return apply(
    place,
    rule,
    `${rule.verdict} ${describePlace(rule)}${rule.until === undefined ? '' : ` until ${new Date(rule.until).toISOString()}`}${note}`,
  );
}

/** Takes an operator's rule back; a Problem when there is none for that place. */
export async function takeBack(
  place: EgressPlace,
  rule: Pick<OverrideRule, 'host' | 'port' | 'client' | 'by'>,
  nowMs: number,
): Promise<OverrideChange> {
  const overrides = await loadOverrides(place);
  const next = removeOverride(overrides, rule, nowMs);
  if (!overrides.rules.some((one) => one.host === rule.host && one.port === rule.port && one.client === rule.client)) {
    throw new Problem('audit/no-override', `no operator's rule stands for ${describePlace(rule)}`, {
      cause: 'rules of lobsterpot.yaml are changed there',
      fix: 'lobsterpot egress pending',
    });
  }
  await place.writeOverrides(renderOverrides(next));
  return apply(place, rule, `took back ${describePlace(rule)}`);
}

/** The operator's rules in force. */
export async function listOverrides(place: EgressPlace, nowMs: number): Promise<readonly OverrideRule[]> {
  return (await loadOverrides(place)).rules.filter((rule) => rule.until === undefined || nowMs < rule.until);
}

/** What the gate would decide, without anything being sent. */
export async function testEgress(
  place: Pick<EgressPlace, 'ask'>,
  target: { readonly host: string; readonly port: number; readonly client: string },
): Promise<{ readonly host: string; readonly port: number; readonly verdict: Verdict; readonly detail?: string }> {
  const answer = await controlGate(place.ask, { op: 'test', ...target });
  if (!answer.ok || answer.op !== 'test') throw refused(answer);
  const { host, port, verdict, detail } = answer;
  return { host, port, verdict, ...(detail === undefined ? {} : { detail }) };
}

/** Denied attempts that wait for an answer, most recent first. */
export async function pendingEgress(place: EgressPlace): Promise<readonly PendingEntry[]> {
  const answer = await controlGate(place.ask, { op: 'pending' });
  if (!answer.ok || answer.op !== 'pending') throw refused(answer);
  return answer.pending;
}

/** Everything known about one host: what the gate would say to each client now, and what the trail has seen. */
export type Explanation = {
  readonly host: string;
  readonly port: number;
  readonly now: readonly { readonly client: string; readonly verdict: Verdict }[];
  readonly seen: readonly TrailSummary[];
  /** What to type to change it; absent when nothing opens it. */
  readonly next?: string;
};

/** Explains a host to a person. `clients`: all that could ask for it; `seen`: what the trail has of a host. */
export async function explainEgress(
  place: Pick<EgressPlace, 'ask'>,
  target: { readonly host: string; readonly port: number; readonly clients: readonly string[] },
  seenOf: (host: string) => Promise<readonly TrailSummary[]>,
): Promise<Explanation> {
  const tests = await Promise.all(
    target.clients.map(async (client) => ({ client, ...(await testEgress(place, { host: target.host, port: target.port, client })) })),
  );
  const host = tests[0]?.host ?? target.host;
  const seen = await seenOf(host);
  const now = tests.map(({ client, verdict }) => ({ client, verdict }));
  const next = nextStep(
    host,
    target.port,
    now.map((one) => one.verdict),
  );
  return { host, port: target.port, now, seen, ...(next === undefined ? {} : { next }) };
}

function nextStep(host: string, port: number, verdicts: readonly Verdict[]): string | undefined {
  if (verdicts.some(({ reason }) => reason === 'never-class' || reason === 'bad-target')) return undefined;
  const written = describePlace({ host, port });
  const isOpen = verdicts.length > 0 && verdicts.every((one) => one.allowed && one.would === undefined);
  return isOpen ? `lobsterpot egress deny ${written}` : `lobsterpot egress allow ${written} --for 10m`;
}

async function apply(
  place: EgressPlace,
  rule: Pick<OverrideRule, 'host' | 'port' | 'client' | 'until' | 'by'>,
  change: string,
): Promise<OverrideChange> {
  const { host, port, client, until, by } = rule;
  const answer = await controlGate(place.ask, { op: 'reload', by, change });
  if (!answer.ok || answer.op !== 'reload') throw refused(answer);
  if (answer.policyError !== undefined) {
    throw new Problem('audit/gate-policy', 'the gate keeps its last good policy', { cause: answer.policyError, fix: 'lobsterpot up' });
  }
  const named = { host, port, ...(client === undefined ? {} : { client }), ...(until === undefined ? {} : { until }) };
  if (host.startsWith('*.')) return { rule: named, closed: answer.closed };
  const { verdict } = await testEgress(place, { host, port, client: client ?? '' });
  return { rule: named, closed: answer.closed, verdict };
}

async function loadOverrides(place: EgressPlace): Promise<Overrides> {
  const text = await place.readOverrides();
  const overrides = text === undefined ? NO_OVERRIDES : parseOverrides(text);
  if (!('invalid' in overrides)) return overrides;
  throw new Problem('audit/overrides', "the file of the operator's rules cannot be read", {
    cause: overrides.invalid,
    fix: 'remove the overrides.json that lobsterpot status names, then run: lobsterpot up',
  });
}

/** `api.example.com`, with the port unless it is 443, and quoted where a shell needs it. */
export function describePlace({ host, port, client }: { readonly host: string; readonly port: number; readonly client?: string }): string {
  const bare = host.includes(':') ? `[${host}]` : host;
  const written = port === 443 ? bare : `${bare}:${port}`;
  return `${/[[*]/.test(written) ? `'${written}'` : written}${client === undefined ? '' : ` --client ${client}`}`;
}
