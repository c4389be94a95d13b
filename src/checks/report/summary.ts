import type { Finding, Severity } from '../../core/finding.ts';

export type Counts = {
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  readonly notEnforced: number;
  readonly total: number;
};

/** How many findings of each status. */
export function countFindings(findings: readonly Finding[]): Counts {
  const count = (status: Finding['status']): number => findings.filter((finding) => finding.status === status).length;
  return {
    pass: count('pass'),
    fail: count('fail'),
    unknown: count('unknown'),
    notEnforced: count('not-enforced'),
    total: findings.length,
  };
}

/** True when everything was tried and held. What the host cannot enforce is said elsewhere, and does not turn a proof red by itself. */
export function isGreen(findings: readonly Finding[]): boolean {
  return findings.length > 0 && findings.every(({ status }) => status === 'pass' || status === 'not-enforced');
}

const STATUS_RANK: Readonly<Record<Finding['status'], number>> = { fail: 0, unknown: 1, 'not-enforced': 2, pass: 3 };
const SEVERITY_RANK: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

/** Worst first; among equals by check and subject. */
export function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  const key = (one: Finding): string => `${STATUS_RANK[one.status]}${SEVERITY_RANK[one.severity]} ${one.checkId} ${one.subject}`;
  return findings.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
