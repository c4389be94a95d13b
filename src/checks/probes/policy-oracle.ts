import { decide } from '../../policy/decide.ts';
import { normaliseTarget } from '../../policy/target.ts';
import type { Attempt } from './attempt.ts';
import { connectHead } from './request-heads.ts';
import { gatePort } from './subject.ts';
import type { Subject } from './subject.ts';

/** A name that the policy lets this service reach on 443 and that is no wildcard; undefined: it may reach none. */
export function allowedName(subject: Subject): string | undefined {
  return subject.policy.allow.find(
    (rule) => rule.port === 443 && /[a-z]/.test(rule.host) && !/[*:]/.test(rule.host) && isAllowed(subject, rule.host, 443),
  )?.host;
}

/** True when policy and overrides say yes: the same pure function that the gate decides by. */
export function isAllowed(subject: Subject, host: string, port: number): boolean {
  const target = normaliseTarget(host.replace(/^\[(.*)\]$/, '$1'), port);
  if ('refused' in target) return false;
  const verdict = decide(subject.policy, target, subject.service.name, subject.nowMs);
  // What report mode lets pass is still something that the policy does not allow.
  return verdict.allowed && verdict.reason !== 'report-mode';
}

/** A CONNECT for each destination, but for those that this deployment's own rules open. */
export function connectsUnlessAllowed(
  subject: Subject,
  destinations: readonly (readonly [host: string, port: number])[],
): Readonly<Record<string, Attempt>> {
  const port = gatePort(subject);
  if (port === undefined) return {};
  const denied = destinations.filter(([host, toPort]) => !isAllowed(subject, host, toPort));
  return Object.fromEntries(
    denied.map(([host, toPort]) => [`CONNECT ${host}:${toPort}`, { kind: 'gate', port, head: connectHead(`${host}:${toPort}`) } as const]),
  );
}

/** Raw request heads as attempts at the gate. */
export function rawHeads(subject: Subject, heads: Readonly<Record<string, string>>): Readonly<Record<string, Attempt>> {
  const port = gatePort(subject);
  if (port === undefined) return {};
  return Object.fromEntries(Object.entries(heads).map(([name, head]) => [name, { kind: 'gate', port, head } as const]));
}
