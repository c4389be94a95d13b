import type { Finding } from '../../../core/finding.ts';
import type { DockerFacts } from '../../../hosts/docker-facts.ts';
import type { HostFacts } from '../../../hosts/host.ts';
import type { Look } from '../../../hosts/look.ts';
import type { Service } from '../../../services/service.ts';
import type { Link, RuntimeKind } from '../../../topology/deployment.ts';
import type { CheckInfo } from '../../catalogue/check-info.ts';
import { findingOf } from '../../catalogue/judgement.ts';

/** What a deployment asks of one host. */
export type Asked = {
  readonly host: string;
  readonly kind: RuntimeKind;
  readonly isLocal: boolean;
  readonly deployment: string;
  readonly openclaw: string;
  readonly image: string;
  /** The deployment's folder there, absolute or `~/...`. */
  readonly root: string;
  /** The services of this host. */
  readonly services: readonly Service[];
  /** Networks are cut from it: as the file says, or as it was chosen before. */
  readonly subnet?: string;
  /** Tunnels of other hosts' nodes that lead here. */
  readonly linksHere: readonly (Link & { readonly node: string })[];
};

/** Everything that the checks of one host judge from: nothing is asked any more. */
export type Seen = { readonly asked: Asked; readonly facts: HostFacts; readonly look: Look };

export type ReadyEngine = Extract<DockerFacts, { kind: 'ready' }>;

/** What one check concluded; `fix` is present unless all is well. */
export type Verdict =
  | { readonly status: 'pass'; readonly message: string }
  | { readonly status: 'fail' | 'unknown' | 'not-enforced'; readonly message: string; readonly fix: string };

/** A question to a host, with its answer from what was read; undefined: it does not concern this host. */
export type HostCheck = CheckInfo & { readonly judge: (seen: Seen) => Verdict | undefined };

export const fine = (message: string): Verdict => ({ status: 'pass', message });
export const wrong = (message: string, fix: string): Verdict => ({ status: 'fail', message, fix });
/** Could not be seen: the message says what, the fix where to look. */
export const unseen = (message: string, fix: string): Verdict => ({ status: 'unknown', message, fix });
/** The host cannot do it. */
export const gap = (message: string, fix: string): Verdict => ({ status: 'not-enforced', message, fix });

/** A check of any host. */
export function hostCheck(info: Omit<CheckInfo, 'from'>, judge: HostCheck['judge']): HostCheck {
  return { ...info, from: 'preflight', judge };
}

/** A check of a host with containers. */
export function containerCheck(info: Omit<CheckInfo, 'from' | 'runtimes'>, judge: HostCheck['judge']): HostCheck {
  return { ...info, from: 'preflight', runtimes: ['docker'], judge: (seen) => (seen.asked.kind === 'docker' ? judge(seen) : undefined) };
}

/** A check of an engine that answers; what one that does not lacks is told by its own checks. */
export function engineCheck(
  info: Omit<CheckInfo, 'from' | 'runtimes'>,
  judge: (engine: ReadyEngine, seen: Seen) => Verdict | undefined,
): HostCheck {
  return containerCheck(info, (seen) => (seen.facts.docker?.kind === 'ready' ? judge(seen.facts.docker, seen) : undefined));
}

/** Every check that concerns the host, answered. Pure. */
export function judgeHost(checks: readonly HostCheck[], seen: Seen): readonly Finding[] {
  return checks.flatMap((check) => {
    const verdict = check.judge(seen);
    return verdict ? [findingFor(check, seen.asked.host, verdict)] : [];
  });
}

/** The finding of one check; its texts are cleaned, and what is not well says what to do. */
export function findingFor(check: CheckInfo, host: string, verdict: Verdict): Finding {
  const finding = findingOf(check, host, verdict, '');
  return verdict.status === 'pass' ? finding : { ...finding, fix: verdict.fix };
}
