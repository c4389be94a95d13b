import type { PendingEntry } from '../policy/gate-protocol.ts';
import { describeName, type NameNote } from '../policy/look-alike.ts';
import type { EgressPolicy } from '../policy/policy.ts';
import { describePlace } from './egress-operations.ts';

/** One host that waits for an answer: who asked for it, and what it looks like beside what is allowed. */
export type PendingLine = {
  /** `host:port`. */
  readonly place: string;
  /** As it is typed. */
  readonly written: string;
  readonly clients: readonly string[];
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly note: NameNote;
};

/** One line a host and port of what all clients of all gates wait for; what pretends to be something else stands first. */
export function pendingLines(pending: readonly PendingEntry[], policy: EgressPolicy): readonly PendingLine[] {
  const allowed = [...new Set(policy.allow.map((rule) => rule.host))];
  const lines = [...Map.groupBy(pending, ({ host, port }) => `${host}:${port}`)].flatMap(([place, all]): readonly PendingLine[] => {
    const [first] = all;
    if (!first) return [];
    return [
      {
        place,
        written: describePlace({ host: first.host, port: first.port }),
        clients: [...new Set(all.map((one) => one.client))].toSorted(),
        count: all.reduce((sum, one) => sum + one.count, 0),
        firstMs: Math.min(...all.map((one) => one.firstMs)),
        lastMs: Math.max(...all.map((one) => one.lastMs)),
        note: describeName(first.host, allowed),
      },
    ];
  });
  return lines.toSorted((a, b) => Number(b.note.isWarning) - Number(a.note.isWarning) || b.lastMs - a.lastMs);
}
