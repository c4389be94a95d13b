import { sha256 } from '../../core/digest.ts';
import { Problem } from '../../core/problem.ts';
import type { Owner } from '../../hosts/host.ts';

const FIRST = 40_000;
const COUNT = 20_000;

/**
 * The identity of each service. Started by root: a uid and gid of its own from 40000-59999, the same at every run;
 * started by an ordinary user: that user's. Two services that would share one are a Problem.
 */
export function identities(starter: Owner, deployment: string, names: readonly string[]): ReadonlyMap<string, Owner> {
  const all = new Map(names.map((name) => [name, identityOf(starter, deployment, name)]));
  if (starter.uid !== 0) return all;
  const taken = new Map<number, string>();
  for (const [name, { uid }] of all) {
    const other = taken.get(uid);
    if (other !== undefined) {
      throw new Problem('process/identity', `services ${other} and ${name} would run as the same uid ${uid}`, {
        cause: 'the number is derived from the names of the deployment and the service, and these two fall together',
        fix: `rename the gateway or node of ${name} in lobsterpot.yaml, then run: lobsterpot up`,
      });
    }
    taken.set(uid, name);
  }
  return all;
}

function identityOf(starter: Owner, deployment: string, service: string): Owner {
  if (starter.uid !== 0) return starter;
  const number = FIRST + (Number.parseInt(sha256(`${deployment}/${service}`).slice(0, 12), 16) % COUNT);
  return { uid: number, gid: number };
}
