import { formatDuration } from '../../core/duration.ts';
import type { Finding } from '../../core/finding.ts';
import { countFindings, worstFirst } from './summary.ts';

const LABEL: Readonly<Record<Finding['status'], string>> = { fail: 'FAIL', unknown: 'UNKN', 'not-enforced': 'gap', pass: 'pass' };

/** What `verify` prints: everything that is not a pass with its fix, then the counts; passes too when `all`. */
export function textReport(findings: readonly Finding[], options: { readonly ms: number; readonly all?: boolean }): string {
  const shown = worstFirst(findings).filter(({ status }) => options.all === true || status !== 'pass');
  const widths = { id: widest(shown.map(({ checkId }) => checkId)), subject: widest(shown.map(({ subject }) => subject)) };
  const lines = shown.flatMap((one) => [
    `${LABEL[one.status].padEnd(4)}  ${one.checkId.padEnd(widths.id)}  ${one.subject.padEnd(widths.subject)}  ${one.message}`.trimEnd(),
    ...(one.fix === undefined ? [] : [`      fix  ${one.fix}`]),
  ]);
  const { pass, fail, unknown, notEnforced } = countFindings(findings);
  const counts = `pass ${pass} · fail ${fail} · unknown ${unknown} · not enforced ${notEnforced}`;
  return `${[...lines, ...(lines.length > 0 ? [''] : []), `${counts}          ${formatDuration(options.ms)}`].join('\n')}\n`;
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map((text) => text.length));
}
