import type { PlaceTotal } from './index/sum-index.ts';

/** All attempts for one host, or of one client. */
export type TopLine = {
  /** The host, with its port unless that is 443; or the client. */
  readonly name: string;
  readonly attempts: number;
  readonly denied: number;
  readonly would: number;
  readonly up: number;
  readonly down: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Who asked for the host, or what the client asked for. */
  readonly others: readonly string[];
};

/** The same sums seen from the hosts and from the clients, the largest first; requests that name no host count for the clients alone. */
export function topOf(
  totals: readonly PlaceTotal[],
  by: 'attempts' | 'denied',
): { readonly hosts: readonly TopLine[]; readonly clients: readonly TopLine[] } {
  const hostOf = ({ host, port }: PlaceTotal): string => (port === 443 ? host : `${host}:${port}`);
  const clientOf = ({ client }: PlaceTotal): string => client;
  const asked = totals.filter((one) => one.allowed + one.denied > 0 || one.up + one.down > 0);
  return { hosts: grouped(asked.filter(isHost), hostOf, clientOf, by), clients: grouped(asked, clientOf, hostOf, by) };
}

// A malformed request has no port, and names below `invalid` exist nowhere (RFC 6761): a proof asks for them.
function isHost({ host, port }: PlaceTotal): boolean {
  return port > 0 && !host.endsWith('.invalid');
}

function grouped(
  totals: readonly PlaceTotal[],
  nameOf: (total: PlaceTotal) => string,
  otherOf: (total: PlaceTotal) => string,
  by: 'attempts' | 'denied',
): readonly TopLine[] {
  const lines = [...Map.groupBy(totals, nameOf)].map(([name, all]): TopLine => {
    const sum = (of: (total: PlaceTotal) => number): number => all.reduce((before, one) => before + of(one), 0);
    return {
      name,
      attempts: sum((one) => one.allowed + one.denied),
      denied: sum((one) => one.denied),
      would: sum((one) => one.would),
      up: sum((one) => one.up),
      down: sum((one) => one.down),
      firstMs: Math.min(...all.map((one) => one.firstMs)),
      lastMs: Math.max(...all.map((one) => one.lastMs)),
      others: [...new Set(all.map(otherOf))].toSorted(),
    };
  });
  const worth = (one: TopLine): number => (by === 'denied' ? one.denied + one.would : one.attempts);
  return lines.toSorted((a, b) => worth(b) - worth(a) || b.lastMs - a.lastMs).filter((one) => by === 'attempts' || worth(one) > 0);
}
