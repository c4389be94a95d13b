import { describeChange, riskOfChange, type Change } from '../converge/change.ts';
import type { Planned } from '../converge/engine.ts';

/** The plan for people: grouped by host, in the order it will run, the risk at the end of the line; then what it opens. */
export function describePlan({ changes, widened }: Pick<Planned, 'changes' | 'widened'>): string {
  if (changes.length === 0 && widened.length === 0) return 'nothing to do: everything is as the file says\n';
  const hosts = [...new Set(changes.map((change) => change.host))];
  const groups = hosts.map((host) => {
    const lines = changes.filter((change) => change.host === host).map(line);
    return `${host}\n${lines.join('')}`;
  });
  const count = `${changes.length} ${changes.length === 1 ? 'change' : 'changes'} on ${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}`;
  return `${groups.join('')}${describeOpenings(widened)}${count}. apply: lobsterpot up\n`;
}

/** What it opens alone; nothing for nothing. */
export function describeOpenings(widened: Planned['widened']): string {
  return widened.length === 0 ? '' : `opens what was closed (asked for by itself)\n${widened.map((one) => `  > ${one}\n`).join('')}`;
}

function line(change: Change): string {
  const risk = riskOfChange(change);
  const text = `  ${describeChange(change)}`;
  return risk === 'none' ? `${text}\n` : `${text.padEnd(76)}  ${risk}\n`;
}
