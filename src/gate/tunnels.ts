import type { GateTunnel } from '../policy/gate-protocol.ts';
import type { Target } from '../policy/policy.ts';
import type { EndEvent } from '../policy/trail-line.ts';
import type { RelayCount } from './relay.ts';

/** Why the gate ended a tunnel by itself. */
export type EndReason = Extract<EndEvent['why'], 'idle' | 'total' | 'policy' | 'operator' | 'stopped'>;

/** A connection that was let through. */
export type Tunnel = {
  readonly id: number;
  readonly client: string;
  readonly target: Target;
  /** The address it was dialled at. */
  readonly address: string;
  readonly count: RelayCount;
  readonly sinceMs: number;
  /** Set when the gate ends it; absent: the sides did. */
  ended?: EndReason;
  readonly destroy: () => void;
};

/** The open tunnels: ends those that are idle, too old, or no longer allowed. */
export class Tunnels {
  readonly #open = new Map<number, Tunnel>();
  #lastId = 0;
  readonly #limits: { readonly idleMs: number; readonly totalMs: number };

  constructor(limits: { readonly idleMs: number; readonly totalMs: number }) {
    this.#limits = limits;
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  add(tunnel: Tunnel): void {
    this.#open.set(tunnel.id, tunnel);
  }

  remove(tunnel: Tunnel): void {
    this.#open.delete(tunnel.id);
  }

  /** Ends every tunnel for which `why` gives a reason, and tells how many. */
  end(why: (tunnel: Tunnel) => EndReason | undefined): number {
    let ended = 0;
    for (const tunnel of this.#open.values()) {
      const reason = why(tunnel);
      if (reason === undefined) continue;
      tunnel.ended = reason;
      tunnel.destroy();
      ended += 1;
    }
    return ended;
  }

  /** Ends what is idle or too old at `nowMs` (`performance.now()`). */
  sweep(nowMs: number): void {
    this.end(({ count, sinceMs }) =>
      nowMs - count.lastMs > this.#limits.idleMs ? 'idle' : nowMs - sinceMs > this.#limits.totalMs ? 'total' : undefined,
    );
  }

  list(nowMs: number): readonly GateTunnel[] {
    return [...this.#open.values()].map(({ id, client, target, sinceMs, count }) => ({
      id,
      client,
      host: target.host,
      port: target.port,
      sinceMs: Math.round(nowMs - sinceMs),
      up: count.up,
      down: count.down,
    }));
  }
}
