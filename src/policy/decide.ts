import { formatAddress, parseAddress } from './address.ts';
import { NEVER_CLASSES, classifyAddress } from './address-class.ts';
import type { EgressPolicy, Reason, Rule, Target, Verdict } from './policy.ts';

/** May this client go there, by what the name or literal alone tells? A name's addresses are judged by `decideAddress`. */
export function decide(policy: EgressPolicy, target: Target, client: string, nowMs: number): Verdict {
  if (isNever(target)) return { allowed: false, reason: 'never-class' };
  const denying = firstOf(policy.deny, target, client, nowMs);
  if (denying) return denied(denying);
  const allowing = firstOf(policy.allow, target, client, nowMs);
  if (allowing) return { allowed: true, reason: 'rule', rule: describeRule(allowing) };
  return refusal(policy, target.kind === 'address' ? 'address-without-rule' : 'no-rule');
}

/**
 * May an allowed name be dialled at this address, one of those it resolved to? Public ones may; a private one needs
 * an address rule of its own; `own` are the addresses of the gate's host, which nothing opens.
 */
export function decideAddress(
  policy: EgressPolicy,
  address: string,
  port: number,
  who: { readonly client: string; readonly nowMs: number; readonly own: ReadonlySet<string> },
): Verdict {
  const parsed = parseAddress(address);
  if (parsed === undefined || parsed === 'broken') return { allowed: false, reason: 'never-class' };
  const addressClass = classifyAddress(parsed);
  // `::ffff:192.0.2.1` in an AAAA answer is 192.0.2.1: compared as it was written, it would be nobody's own and under no rule.
  const host = formatAddress(parsed);
  if (NEVER_CLASSES.has(addressClass) || who.own.has(host)) return { allowed: false, reason: 'never-class' };
  const asTarget: Target = { host, port, kind: 'address' };
  const denying = firstOf(policy.deny, asTarget, who.client, who.nowMs);
  if (denying) return denied(denying);
  if (addressClass === 'public') return { allowed: true, reason: 'rule' };
  const naming = firstOf(policy.allow, asTarget, who.client, who.nowMs);
  return naming ? { allowed: true, reason: 'rule', rule: describeRule(naming) } : refusal(policy, 'private-address');
}

// Somebody named it: there is nothing to find out about it, so report mode lets it pass no more than another mode.
function denied(rule: Rule): Verdict {
  return { allowed: false, reason: 'deny-rule', rule: describeRule(rule) };
}

/** Turns a refusal into what the mode makes of it: `report` lets pass and remembers what it would have been. */
export function refusal(policy: Pick<EgressPolicy, 'mode'>, reason: Reason, rule?: Rule): Verdict {
  const named = rule ? { rule: describeRule(rule) } : {};
  if (policy.mode === 'report') return { allowed: true, reason: 'report-mode', would: reason, ...named };
  return { allowed: false, reason, ...named };
}

/** What several verdicts about one connection come to: any denial, else what `report` let pass, else the first. */
export function strictest(verdicts: readonly [Verdict, ...Verdict[]]): Verdict {
  return verdicts.find((one) => !one.allowed) ?? verdicts.find((one) => one.would !== undefined) ?? verdicts[0];
}

/** `host:port (source)`, as it stands in records and denials. */
export function describeRule(rule: Rule): string {
  const host = rule.host.includes(':') ? `[${rule.host}]` : rule.host;
  return `${host}:${rule.port} (${rule.source})`;
}

/** The earliest moment after `nowMs` at which a timed rule ends. */
export function nextExpiry(policy: EgressPolicy, nowMs: number): number | undefined {
  const ends = [...policy.allow, ...policy.deny].flatMap((rule) => (rule.until !== undefined && rule.until > nowMs ? [rule.until] : []));
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function isNever(target: Target): boolean {
  if (target.kind === 'name') return target.host === 'localhost' || target.host.endsWith('.localhost');
  const address = parseAddress(target.host);
  return address === undefined || address === 'broken' || NEVER_CLASSES.has(classifyAddress(address));
}

function firstOf(rules: readonly Rule[], target: Target, client: string, nowMs: number): Rule | undefined {
  for (const rule of rules) if (isInForce(rule, client, nowMs) && covers(rule, target)) return rule;
  return undefined;
}

function isInForce(rule: Rule, client: string, nowMs: number): boolean {
  return (rule.client === undefined || rule.client === client) && (rule.until === undefined || nowMs < rule.until);
}

function covers(rule: Rule, target: Target): boolean {
  if (rule.port !== target.port) return false;
  if (rule.host === target.host) return true;
  return (
    target.kind === 'name' &&
    rule.host.startsWith('*.') &&
    target.host.endsWith(rule.host.slice(1)) &&
    target.host.length > rule.host.length - 1
  );
}
