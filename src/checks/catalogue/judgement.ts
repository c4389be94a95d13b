import type { Finding } from '../../core/finding.ts';
import { plainText } from '../../core/plain-text.ts';
import { reasonOf } from '../../core/problem.ts';
import type { CheckInfo } from './check-info.ts';

/** What one check concluded about one subject. */
export type Judgement = { readonly status: Finding['status']; readonly message: string; readonly evidence?: string };

export const pass = (message: string): Judgement => ({ status: 'pass', message });
export const fail = (message: string): Judgement => ({ status: 'fail', message });
export const unknown = (message: string): Judgement => ({ status: 'unknown', message });

/** Fails with what is wrong, passes with what was looked at when nothing is. */
export function failIfAny(wrong: readonly string[], looked: string): Judgement {
  return wrong.length > 0 ? fail(wrong.join(', ')) : pass(looked);
}

/** The finding of a check about a subject. All texts are cleaned: most come out of contained services. */
export function findingOf(check: CheckInfo, subject: string, judged: Judgement, fix: string): Finding {
  return {
    checkId: check.id,
    severity: check.severity,
    status: judged.status,
    subject,
    message: plainText(judged.message, 400).replaceAll('\n', ' '),
    ...(judged.evidence === undefined ? {} : { evidence: plainText(judged.evidence, 4000) }),
    ...(judged.status === 'fail' ? { fix } : {}),
  };
}

/** The findings of some checks; when these could not be made at all, each is unknown for that reason. */
export async function orUnknown(checks: readonly CheckInfo[], findings: Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  try {
    return await findings;
  } catch (error) {
    return checks.map((check) => findingOf(check, 'deployment', unknown(`could not be looked at: ${reasonOf(error)}`), ''));
  }
}
