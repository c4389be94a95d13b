import type { Finding } from '../../core/finding.ts';
import { findingOf, unknown } from '../catalogue/judgement.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import type { Attempt, AttemptResult } from './attempt.ts';
import { controlAttempts, controlFault } from './controls.ts';
import type { Probe, Results } from './probe.ts';
import type { Subject } from './subject.ts';

const CONTROL = 'control';

/** All attempts of one service in one object, controls included; a key is `<checkId>#<name>`. */
export function attemptsOf(probes: readonly Probe[], subject: Subject): Readonly<Record<string, Attempt>> {
  const groups: readonly (readonly [string, Readonly<Record<string, Attempt>>])[] = [
    [CONTROL, controlAttempts(subject)],
    ...applying(probes, subject).map((probe) => [probe.id, probe.attempts(subject)] as const),
  ];
  return Object.fromEntries(
    groups.flatMap(([id, attempts]) => Object.entries(attempts).map(([name, attempt]) => [`${id}#${name}`, attempt])),
  );
}

/**
 * One finding a probe. `results` undefined: the script did not run or did not report, so everything is unknown.
 * A probe whose control is not positive, or of which one attempt has no result, is unknown whatever the rest says; but a fail stays one.
 */
export function judgeService(probes: readonly Probe[], subject: Subject, results: Results | string): readonly Finding[] {
  return applying(probes, subject).map((probe) =>
    findingOf(
      probe,
      subject.service.name,
      typeof results === 'string' ? unknown(results) : judgeProbe(probe, subject, results),
      probe.fix(subject),
    ),
  );
}

function judgeProbe(probe: Probe, subject: Subject, results: Results): Judgement {
  const own = part(results, probe.id);
  const missing = Object.keys(probe.attempts(subject)).filter((name) => !own.has(name));
  const judged = probe.judge(own, subject);
  if (judged.status === 'fail') return judged;
  if (missing.length > 0) return unknown(`no result for: ${missing.slice(0, 3).join(', ')}`);
  const fault = controlFault(probe.control, part(results, CONTROL));
  return fault === undefined ? judged : unknown(fault);
}

/** Without a single attempt a probe does not apply: there is nothing in this deployment, or with this runtime, that it could try. */
function applying(probes: readonly Probe[], subject: Subject): readonly Probe[] {
  return probes.filter(
    ({ roles, runtimes, attempts }) =>
      roles.includes(subject.service.role) &&
      (runtimes?.includes(subject.traits.kind) ?? true) &&
      Object.keys(attempts(subject)).length > 0,
  );
}

function part(results: Results, id: string): ReadonlyMap<string, AttemptResult> {
  const prefix = `${id}#`;
  return new Map([...results].filter(([key]) => key.startsWith(prefix)).map(([key, result]) => [key.slice(prefix.length), result]));
}
