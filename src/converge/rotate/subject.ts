import { EXIT } from '../../core/exit-code.ts';
import { Problem } from '../../core/problem.ts';
import type { Service } from '../../services/service.ts';
import { gatewayService, gatewayTokenName, linkKeyName, linkService, nodeService } from '../../services/names.ts';
import { gatewaySecrets } from '../../topology/channels.ts';
import type { Deployment } from '../../topology/deployment.ts';

/** The kinds of credential that can be replaced, in the order of the help. */
export const KINDS = ['gateway-token', 'link-key', 'identity', 'secret'] as const;

/** One credential of a deployment: `name` is the gateway's, the node's or the secret's. */
export type Subject = { readonly kind: (typeof KINDS)[number]; readonly name: string };

/** How people call it. */
export function describeSubject({ kind, name }: Subject): string {
  switch (kind) {
    case 'gateway-token':
      return `token of gateway ${name}`;
    case 'link-key':
      return `tunnel key of node ${name}`;
    case 'identity':
      return `identity of node ${name}`;
    case 'secret':
      return `secret ${name}`;
  }
}

/** What to type to replace it. */
export function commandOf({ kind, name }: Subject): string {
  return `lobsterpot rotate ${kind} ${name}`;
}

/** The secret of the operator's store that holds it; an identity is held by its node alone. */
export function secretOf({ kind, name }: Subject): string | undefined {
  switch (kind) {
    case 'gateway-token':
      return gatewayTokenName(name);
    case 'link-key':
      return linkKeyName(name);
    case 'identity':
      return undefined;
    case 'secret':
      return name;
  }
}

/** The hosts on which something is changed before `apply` takes their locks. Pure. */
export function touchedAtOnce({ kind, name }: Subject, { nodes }: Deployment): readonly string[] {
  return kind === 'identity' ? nodes.filter((one) => one.name === name).map(({ host }) => host) : [];
}

/** The services that are started anew for it, of those that the file compiles to. Pure. */
export function restartedFor(subject: Subject, services: readonly Service[]): readonly Service[] {
  const secret = secretOf(subject);
  if (secret === undefined) return services.filter(({ name }) => name === nodeService(subject.name));
  return services.filter((one) => one.secrets.some(({ name }) => name === secret));
}

/** The service that a finding about it names, where there is one alone. */
export function subjectService({ kind, name }: Subject): string {
  switch (kind) {
    case 'gateway-token':
      return gatewayService(name);
    case 'link-key':
      return linkService(name);
    case 'identity':
      return nodeService(name);
    case 'secret':
      return name;
  }
}

/** Refuses what the file does not have. */
export function checkSubject(deployment: Deployment, subject: Subject): void {
  const { kind, name } = subject;
  const known = namesOf(deployment, kind);
  if (known.includes(name)) return;
  if (kind === 'link-key' && deployment.nodes.some((node) => node.name === name)) {
    throw new Problem('rotate/no-link', `node ${name} has no tunnel, so there is no key to replace`, {
      cause: 'it is on the host of its gateway',
      fix: `to replace what it is known by: lobsterpot rotate identity ${name}`,
      exit: EXIT.usage,
    });
  }
  throw new Problem('rotate/unknown', `there is no ${WHAT[kind]} "${name.slice(0, 80)}" in the file`, {
    cause: `it has: ${known.join(', ') || 'none'}`,
    fix: `lobsterpot rotate ${kind} ${known[0] ?? 'NAME'}`,
    exit: EXIT.usage,
  });
}

function namesOf({ gateways, nodes }: Deployment, kind: Subject['kind']): readonly string[] {
  switch (kind) {
    case 'gateway-token':
      return gateways.map((one) => one.name);
    case 'link-key':
      return nodes.filter((one) => one.link !== undefined).map((one) => one.name);
    case 'identity':
      return nodes.map((one) => one.name);
    case 'secret':
      return [...new Set(gateways.flatMap(gatewaySecrets))];
  }
}

const WHAT = { 'gateway-token': 'gateway', 'link-key': 'node', identity: 'node', secret: 'secret' } as const;
