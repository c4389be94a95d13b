import type { EgressPolicy, Rule } from '../policy/policy.ts';

/** A policy and the moment (epoch milliseconds) that it is looked at. */
export type PolicyAt = { readonly policy: EgressPolicy; readonly atMs: number };

/** Does `after` let through all that `before` did? Then what is open may stay open. Pure. */
export function isAsWide(before: PolicyAt, after: PolicyAt): boolean {
  if (before.policy.mode === 'report' && after.policy.mode !== 'report') return false;
  const allowed = new Set(inForce(after.policy.allow, after.atMs));
  const denied = new Set(inForce(before.policy.deny, before.atMs));
  return (
    inForce(before.policy.allow, before.atMs).every((key) => allowed.has(key)) &&
    inForce(after.policy.deny, after.atMs).every((key) => denied.has(key))
  );
}

function inForce(rules: readonly Rule[], atMs: number): readonly string[] {
  return rules
    .filter(({ until }) => until === undefined || atMs < until)
    .map(({ host, port, client }) => JSON.stringify([host, port, client]));
}
