import { isProven, type Finished } from '../converge/rotate/finish.ts';
import type { Outlook, Rotated } from '../converge/rotate/rotate.ts';
import { describeSubject } from '../converge/rotate/subject.ts';
import { formatDuration } from '../core/duration.ts';
import type { Finding } from '../core/finding.ts';
import { red, table, type Io } from './io.ts';

/** What a person is asked about. */
export function describeOutlook({ subject, restarts, isResumed }: Outlook): string {
  const begun = isResumed ? ' (an earlier run of this was cut off; it is finished)' : '';
  return `the ${describeSubject(subject)} will be replaced${begun}; started anew: ${restarts.join(', ') || 'nothing'}\n`;
}

/** What was proven, and how long what was away. */
export function describeRotated(io: Io, { subject, findings, outages, wholeMs, away }: Rotated): string {
  const isGood = isProven({ findings });
  const head = isGood
    ? `the ${describeSubject(subject)} is replaced`
    : red(io, `the ${describeSubject(subject)} is not proven to be replaced`);
  const whole =
    wholeMs === undefined
      ? []
      : [`after ${formatDuration(wholeMs)} ${away.length === 0 ? 'everything was back' : `not back: ${away.join(', ')}`}`];
  const times = [...outages.map((one) => `${one.service} was away for ${formatDuration(one.ms)}`), ...whole];
  return [
    `${head}\n`,
    table(findings.map(row)),
    times.length === 0 ? '' : `  ${times.join('; ')}\n`,
    subject.kind === 'secret' && isGood ? `  whoever gave the old value out may still take it: revoke it there\n` : '',
    isGood
      ? ''
      : `  the old one is kept until it is proven; to go on: ${findings.find((one) => one.fix !== undefined)?.fix ?? 'lobsterpot up'}\n`,
  ].join('');
}

/** The same for `--json`. */
export function rotatedDocument({ subject, findings, outages, wholeMs, away }: Rotated): Record<string, unknown> {
  return {
    rotated: subject,
    proven: isProven({ findings }),
    findings,
    outages: outages.map((one) => ({ ...one, ms: Math.round(one.ms) })),
    wholeMs: wholeMs === undefined ? null : Math.round(wholeMs),
    away,
  };
}

/** What `up` says of a rotation that it finished. */
export function describeFinished({ note, findings }: Finished): string {
  return `  note: ${note}\n${table(findings.map(row))}`;
}

function row({ status, checkId, subject, message }: Finding): readonly string[] {
  return [status, checkId, subject, message];
}
