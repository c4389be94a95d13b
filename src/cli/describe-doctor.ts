import { worstFirst } from '../checks/report/summary.ts';
import { formatDuration } from '../core/duration.ts';
import type { Finding } from '../core/finding.ts';
import { stopsUp, type Examined } from './doctor.ts';
import { red, type Io } from './io.ts';

const LABEL: Readonly<Record<Finding['status'], string>> = { fail: 'warn', unknown: 'UNKN', 'not-enforced': 'gap', pass: 'pass' };

/** What `doctor` prints: for each host what is not well with its way out, then how many are; with `all`, what passed too. */
export function describeExamined(io: Io, examined: readonly Examined[], how: { readonly ms: number; readonly all: boolean }): string {
  const hosts = examined.map(({ host, findings, counts }) => {
    const shown = worstFirst(findings).filter((one) => how.all || one.status !== 'pass');
    const width = Math.max(0, ...shown.map((one) => one.checkId.length));
    const lines = shown.flatMap((one) => [
      `  ${label(io, one)}  ${one.checkId.padEnd(width)}  ${one.message}`.trimEnd(),
      ...(one.fix === undefined || one.status === 'pass' ? [] : [`        fix  ${one.fix}`]),
    ]);
    const sum = `pass ${counts.pass} · fail ${counts.fail} · unknown ${counts.unknown} · not enforced ${counts.notEnforced}`;
    return `${host}\n${lines.map((line) => `${line}\n`).join('')}  ${sum}\n`;
  });
  const stopping = examined.flatMap((one) => one.findings).filter(stopsUp).length;
  const end = stopping === 0 ? 'up may begin' : `up does not begin before ${stopping === 1 ? 'this is' : `these ${stopping} are`} mended`;
  return `${hosts.join('\n')}\n${end}          ${formatDuration(how.ms)}\n`;
}

/** Red is what stops `up`. */
function label(io: Io, finding: Finding): string {
  return stopsUp(finding) ? red(io, (finding.status === 'fail' ? 'FAIL' : 'UNKN').padEnd(4)) : LABEL[finding.status].padEnd(4);
}
