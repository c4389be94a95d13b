import { decide, decideAddress, nextExpiry } from '../policy/decide.ts';
import type { EgressPolicy, Target, Verdict } from '../policy/policy.ts';
import { Kept } from './kept.ts';

const MOST = 1000;

/**
 * What the policy says of each place, kept for as long as nothing that it hangs on changes: the policy itself, the addresses of the
 * gate's host, and the next moment at which a timed rule ends. A verdict is asked for several times for each connection.
 */
export class Verdicts {
  readonly #named = new Kept<Verdict>(MOST);
  readonly #dialled = new Kept<Verdict>(MOST);
  #policy: EgressPolicy | undefined;
  #own: ReadonlySet<string> | undefined;
  #fromMs = 0;
  #untilMs = 0;

  /** As `decide`. */
  ofTarget(policy: EgressPolicy, target: Target, client: string, nowMs: number): Verdict {
    if (!this.#holds(policy, nowMs)) this.#begin(policy, nowMs);
    const key = `${target.host} ${target.port} ${target.kind} ${client}`;
    return this.#named.get(key) ?? this.#named.keep(key, decide(policy, target, client, nowMs));
  }

  /** As `decideAddress`. */
  ofAddress(policy: EgressPolicy, address: string, port: number, who: Parameters<typeof decideAddress>[3]): Verdict {
    if (!this.#holds(policy, who.nowMs)) this.#begin(policy, who.nowMs);
    if (who.own !== this.#own) this.#dialled.clear();
    this.#own = who.own;
    const key = `${address} ${port} ${who.client}`;
    return this.#dialled.get(key) ?? this.#dialled.keep(key, decideAddress(policy, address, port, who));
  }

  #holds(policy: EgressPolicy, nowMs: number): boolean {
    // A clock that was set back brings a timed rule back too.
    return policy === this.#policy && nowMs >= this.#fromMs && nowMs < this.#untilMs;
  }

  #begin(policy: EgressPolicy, nowMs: number): void {
    this.#named.clear();
    this.#dialled.clear();
    this.#policy = policy;
    this.#fromMs = nowMs;
    this.#untilMs = nextExpiry(policy, nowMs) ?? Number.POSITIVE_INFINITY;
  }
}
