import { decideTargets } from './decide-targets.ts';
import { dnsTargets } from './dns-targets.ts';
import { documentTargets } from './document-targets.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { helloTargets } from './hello-targets.ts';
import { hostTargets } from './host-targets.ts';
import { httpTargets } from './http-targets.ts';
import { questionTargets } from './question-targets.ts';
import { routeTargets } from './route-targets.ts';
import { trailTargets } from './trail-targets.ts';

/** Everything that reads what somebody else wrote, from the wire to the files. */
export const TARGETS: readonly FuzzTarget[] = [
  ...hostTargets,
  ...decideTargets,
  ...httpTargets,
  ...helloTargets,
  ...dnsTargets,
  ...questionTargets,
  ...documentTargets,
  ...routeTargets,
  ...trailTargets,
];

/** How many of `cases` each target gets, by its share. */
export function casesOf(targets: readonly FuzzTarget[], cases: number): readonly (readonly [FuzzTarget, number])[] {
  const all = targets.reduce((sum, one) => sum + one.share, 0);
  return targets.map((one) => [one, Math.max(1, Math.ceil((cases * one.share) / all))]);
}
