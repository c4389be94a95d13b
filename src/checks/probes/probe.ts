import { plainText } from '../../core/plain-text.ts';
import type { Service } from '../../services/service.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import type { Attempt, AttemptResult } from './attempt.ts';
import type { Subject } from './subject.ts';

/** What must work in the same run for a refusal to mean anything. */
export type Control = 'network' | 'gate' | 'files' | 'programs' | 'none';

export type Results = ReadonlyMap<string, AttemptResult>;

/** A check that is tried inside a service: which attempts, and what their results mean. Both are pure. */
export type Probe = CheckInfo & {
  readonly from: 'inside';
  readonly roles: readonly Service['role'][];
  readonly control: Control;
  /** By a name that is unique in the probe; none: the probe does not apply to this service. */
  attempts(subject: Subject): Readonly<Record<string, Attempt>>;
  judge(results: Results, subject: Subject): Judgement;
  /** The exact next step when it fails. */
  fix(subject: Subject): string;
};

/** An answer that shows that nothing left the service: the kernel itself had no way for the packet. */
const NO_WAY_OUT = new Set(['ENETUNREACH', 'EADDRNOTAVAIL', 'EACCES', 'EPERM', 'EAFNOSUPPORT', 'ENETDOWN', 'EINVAL']);

/** Every attempt refused, by whatever said no. A result that is missing or broken makes it unknown. */
export function allRefused(results: Results): Judgement {
  return judgeEach(results, (result) => (result.outcome === 'refused' ? 'good' : result.outcome === 'succeeded' ? 'bad' : 'unclear'));
}

/** What a packet ends with that no neighbour took. Whether one did is the matter of `egress.neighbours`. */
const NOBODY_TOOK_IT = new Set(['EHOSTUNREACH', 'ETIMEDOUT']);

/**
 * Every attempt refused by the service's own kernel. Where a closed way is told by the kernel itself, silence is a failure, for the
 * packet was on its way; an answer by the far side, a refusal too, is one everywhere.
 */
export function nothingLeft(results: Results, { traits }: Subject): Judgement {
  const maySilence = traits.closedWay === 'nobody-answers';
  return judgeEach(results, ({ outcome, code = '' }) => {
    switch (outcome) {
      case 'refused':
        return NO_WAY_OUT.has(code) || (maySilence && NOBODY_TOOK_IT.has(code)) ? 'good' : 'bad';
      case 'succeeded':
        return 'bad';
      case 'no-answer':
        return maySilence ? 'good' : 'bad';
      case 'broken':
        return 'unclear';
    }
  });
}

/** Every attempt refused or, where that is how a closed way shows itself, without an answer. */
export function notReached(results: Results, { traits }: Subject): Judgement {
  return judgeEach(results, ({ outcome }) => {
    if (outcome === 'succeeded') return 'bad';
    return outcome === 'refused' || (outcome === 'no-answer' && traits.closedWay === 'nobody-answers') ? 'good' : 'unclear';
  });
}

/** Every attempt refused with one of these codes; another code is unclear, because the attempt may have failed for another reason. */
export function refusedWith(codes: readonly string[]): (results: Results) => Judgement {
  return (results) =>
    judgeEach(results, (result) => {
      if (result.outcome === 'succeeded') return 'bad';
      return result.outcome === 'refused' && codes.includes(result.code ?? '') ? 'good' : 'unclear';
    });
}

/** Combines single results: one bad makes a fail, else one unclear makes it unknown, nothing at all is unknown. */
export function judgeEach(results: Results, verdictOf: (result: AttemptResult, name: string) => 'good' | 'bad' | 'unclear'): Judgement {
  const sorted = { good: new Array<string>(), bad: new Array<string>(), unclear: new Array<string>() };
  for (const [name, result] of results) sorted[verdictOf(result, name)].push(tell(name, result));
  if (sorted.bad.length > 0) return { status: 'fail', message: shorten(sorted.bad), evidence: sorted.bad.join('\n') };
  if (sorted.unclear.length > 0)
    return { status: 'unknown', message: `could not be tried: ${shorten(sorted.unclear)}`, evidence: sorted.unclear.join('\n') };
  if (sorted.good.length === 0) return { status: 'unknown', message: 'nothing was tried' };
  return { status: 'pass', message: shorten(sorted.good), evidence: sorted.good.join('\n') };
}

/** `198.51.100.1:443: ENETUNREACH`; what came out of a service is untrusted. */
export function tell(name: string, result: AttemptResult): string {
  const how =
    result.outcome === 'refused'
      ? (result.code ?? 'refused')
      : result.outcome === 'broken'
        ? `not tried (${result.detail ?? result.code ?? ''})`
        : result.outcome;
  return plainText(
    `${name}: ${how}${result.outcome === 'succeeded' && result.detail !== undefined && result.detail !== '' ? ` (${result.detail})` : ''}`,
    200,
  ).replaceAll('\n', ' ');
}

function shorten(lines: readonly string[]): string {
  const [first = '', ...rest] = lines;
  return rest.length === 0 ? first : `${first}, and ${rest.length} more`;
}
