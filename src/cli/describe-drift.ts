import type { DriftReport } from '../converge/read-drift.ts';
import { plainText } from '../core/plain-text.ts';
import { table } from './io.ts';

/** The drift for people, grouped by host; what could not be looked at by itself. */
export function describeDrift({ drifted, unchecked, since }: Omit<DriftReport, 'unreachable'>): string {
  const asOf = since === undefined ? '' : ` since ${since}`;
  const hosts = [...new Set(drifted.map((one) => one.host))];
  const changed = hosts.map((host) => {
    const rows = drifted
      .filter((one) => one.host === host)
      .map(({ subject, what, mend }) => [subject, plainText(what, 300), mend === 'asks' ? 'up asks first' : '']);
    return `${host}\n${table(rows)}`;
  });
  const unseen =
    unchecked.length === 0 ? '' : `unchecked\n${table(unchecked.map(({ host, subject, why }) => [host, subject, plainText(why, 300)]))}`;
  const summary =
    drifted.length > 0
      ? `${drifted.length} changed by hand${asOf}. put it back: lobsterpot up\n`
      : unchecked.length > 0
        ? `nothing that could be looked at was changed${asOf}\n`
        : `nothing was changed by hand${asOf}\n`;
  return `${changed.join('')}${unseen}${summary}`;
}
