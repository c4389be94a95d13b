import { decide } from '../policy/decide.ts';
import type { EgressPolicy, Verdict } from '../policy/policy.ts';
import { normaliseTarget } from '../policy/target.ts';
import type { PlaceTotal } from './index/sum-index.ts';

/** Recorded attempts of one client for one place that another policy would decide otherwise. */
export type Redecided = {
  readonly host: string;
  readonly port: number;
  readonly client: string;
  /** How many of them passed, or did not. */
  readonly count: number;
  readonly lastMs: number;
  readonly was: 'allowed' | 'denied';
  /** `reported`: it would pass in report mode alone. */
  readonly becomes: 'allowed' | 'denied' | 'reported';
  readonly verdict: Verdict;
};

/**
 * What a policy would have decided otherwise. What was refused for another reason than its rules (the name in the TLS greeting,
 * an address of a private network, nobody there) is left out: whether that stays so, no policy tells.
 */
export function redecide(policy: EgressPolicy, totals: readonly PlaceTotal[], nowMs: number): readonly Redecided[] {
  const changed = totals.flatMap(({ host, port, client, allowed, ruled, would, lastMs }): readonly Redecided[] => {
    const target = normaliseTarget(host, port);
    if ('refused' in target) return [];
    const verdict = decide(policy, target, client, nowMs);
    const becomes = !verdict.allowed ? 'denied' : verdict.would === undefined ? 'allowed' : 'reported';
    const about = { host, port, client, lastMs, becomes, verdict } as const;
    const passed = allowed - would;
    return [
      ...(becomes !== 'allowed' && passed > 0 ? [{ ...about, was: 'allowed', count: passed } as const] : []),
      // What report mode let pass is denied once it is enforced, and needs no rule as long as it is not.
      ...(becomes === 'denied' && would > 0 ? [{ ...about, was: 'allowed', count: would } as const] : []),
      ...(becomes !== 'denied' && ruled > 0 ? [{ ...about, was: 'denied', count: ruled } as const] : []),
    ];
  });
  return changed.toSorted((a, b) => rank(a) - rank(b) || b.count - a.count || (a.host < b.host ? -1 : 1));
}

/** Whatever stops working first, then what begins to pass. */
function rank({ becomes }: Redecided): number {
  return becomes === 'denied' ? 0 : 1;
}
