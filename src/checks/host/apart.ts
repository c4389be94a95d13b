import type { Finding } from '../../core/finding.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import { failIfAny, findingOf, unknown } from '../catalogue/judgement.ts';

export const APART = {
  id: 'host.apart',
  title: 'services share nothing with each other',
  severity: 'high',
  from: 'host',
  tries: 'comparing the namespaces (files, processes, network, memory shares, host name, control groups) of every two services',
  sabotage: 'two services share their namespaces',
} as const satisfies CheckInfo;

/** A running service and its namespaces as seen inside; undefined: not read. */
export type Standing = {
  readonly service: string;
  /** Namespaces that are its own. */
  readonly kinds: readonly string[];
  readonly namespaces: Readonly<Record<string, string>> | undefined;
};

/** One finding a service: what it shares with another one. The gate has the host's network by design. */
export function checkApart(standings: readonly Standing[]): readonly Finding[] {
  return standings.map((one) => {
    const fix = `start it anew in namespaces of its own: lobsterpot up (service ${one.service})`;
    const own = one.namespaces;
    const others = standings.filter(({ service }) => service !== one.service);
    if (!own || others.some(({ namespaces }) => !namespaces))
      return findingOf(APART, one.service, unknown('the namespaces of a service could not be read'), fix);
    const shared = others.flatMap((other) => {
      return one.kinds
        .filter((kind) => other.kinds.includes(kind))
        .filter((kind) => own[kind] !== undefined && own[kind] !== '' && own[kind] === other.namespaces?.[kind])
        .map((kind) => `${kind} with ${other.service}`);
    });
    return findingOf(APART, one.service, failIfAny(shared, `${others.length} other services`), fix);
  });
}
