import type { GateStatus } from '../policy/gate-protocol.ts';
import type { DecisionEvent, EndEvent } from '../policy/trail-line.ts';

/** What the gate counts from its start on; every label is one of few, so that a client cannot make it grow. */
export class Counts {
  readonly #decisions = new Map<string, Decisions[]>();
  readonly #bytes = new Map<string, { up: number; down: number }>();

  /** One decision, also one that is not recorded. */
  decided({ client, verdict, reason }: Pick<DecisionEvent, 'client' | 'verdict' | 'reason'>): void {
    const known = this.#decisions.get(client);
    for (const of of known ?? []) {
      if (of.labels.reason !== reason || of.labels.verdict !== verdict) continue;
      of.count += 1;
      return;
    }
    this.#decisions.set(client, [...(known ?? []), { labels: { client, verdict, reason }, count: 1 }]);
  }

  /** One connection that has ended. */
  ended({ client, up, down }: Pick<EndEvent, 'client' | 'up' | 'down'>): void {
    const of = this.#bytes.get(client) ?? { up: 0, down: 0 };
    of.up += up;
    of.down += down;
    this.#bytes.set(client, of);
  }

  /** In the text format of Prometheus; what is open now is added to what has ended. */
  text(status: GateStatus): string {
    const bytes = new Map([...this.#bytes].map(([client, { up, down }]) => [client, { up, down, open: 0 }]));
    for (const { client, up, down } of status.tunnels) {
      const of = bytes.get(client) ?? { up: 0, down: 0, open: 0 };
      bytes.set(client, { up: of.up + up, down: of.down + down, open: of.open + 1 });
    }
    const clients = [...bytes].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return [
      metric('uptime_seconds', 'gauge', 'since the gate started', [[{}, Math.round(status.uptimeMs / 1000)]]),
      metric('policy_valid', 'gauge', '1: the files on disk are what is in force', [[{}, status.policyError === undefined ? 1 : 0]]),
      metric('trail_writable', 'gauge', '1: records can be written', [[{}, status.trailError === undefined ? 1 : 0]]),
      metric('trail_records_total', 'counter', 'sequence number of the newest record', [[{}, status.trail.seq]]),
      metric('connections', 'gauge', 'open connections of clients', [[{}, status.connections]]),
      metric(
        'decisions_total',
        'counter',
        'decisions since the gate started',
        [...this.#decisions.values()].flat().map(({ labels, count }) => [labels, count]),
      ),
      metric(
        'tunnels',
        'gauge',
        'connections that were let through and are open',
        clients.map(([client, { open }]) => [{ client }, open]),
      ),
      metric(
        'bytes_total',
        'counter',
        'bytes carried since the gate started; up is away from the client',
        clients.flatMap(([client, { up, down }]): Sample[] => [
          [{ client, direction: 'up' }, up],
          [{ client, direction: 'down' }, down],
        ]),
      ),
    ].join('');
  }
}

type Decisions = { readonly labels: Pick<DecisionEvent, 'client' | 'verdict' | 'reason'>; count: number };
type Labels = Readonly<Record<string, string>>;
type Sample = readonly [labels: Labels, value: number];

function metric(name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const full = `lobsterpot_gate_${name}`;
  const lines = samples.map(([labels, value]) => `${full}${labelsOf(labels)} ${value}\n`);
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join('')}`;
}

function labelsOf(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replaceAll(/[\\"]/g, String.raw`\$&`)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
