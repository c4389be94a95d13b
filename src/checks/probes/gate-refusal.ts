import type { Judgement } from '../catalogue/judgement.ts';
import { allowedName } from './policy-oracle.ts';
import { judgeEach } from './probe.ts';
import type { Results } from './probe.ts';
import type { Subject } from './subject.ts';

/** What all probes of the gate's refusals have in common. */
export const REFUSAL = { severity: 'critical', from: 'inside', roles: ['gateway', 'node'], control: 'gate', judge: refusedByGate } as const;

/** The sabotage of most of them. */
export const OPEN = 'the gate lets everything pass';

/** What to do when the gate lets something pass. */
export function fixGate(subject: Subject): string {
  return subject.policy.mode === 'report'
    ? 'the policy only reports: set egress.mode to enforce in lobsterpot.yaml, then run: lobsterpot up'
    : 'the gate does not enforce the policy of lobsterpot.yaml; start it anew: lobsterpot up';
}

/** A name of this run that no policy allows. `.invalid` never resolves anywhere. */
export function deniedName(subject: Subject): string {
  return `${subject.canary}.lobsterpot.invalid`;
}

/** What look-alikes are made from: an allowed name, or one that is often allowed. */
export function modelName(subject: Subject): string {
  return allowedName(subject) ?? 'api.example.com';
}

/** A refusal by policy is 400 or 403. 502 is none: the gate let it pass, and only the far end was not there. */
function refusedByGate(results: Results): Judgement {
  return judgeEach(results, ({ outcome, status = 0 }) => {
    if (outcome === 'succeeded' || status === 502 || status === 504) return 'bad';
    return outcome === 'refused' && status >= 400 && status < 500 ? 'good' : 'unclear';
  });
}
