import { riskOfChange } from '../converge/change.ts';
import type { Planned } from '../converge/engine.ts';
import { EXIT } from '../core/exit-code.ts';
import { Problem } from '../core/problem.ts';
import { cancelled, confirm } from './confirm.ts';
import { describeOpenings, describePlan } from './describe-plan.ts';
import type { Io } from './io.ts';

const RISKS = ['exposure', 'data'] as const;

/** A risk that a script may agree to beforehand; `--yes` alone agrees to neither. */
export type Accepted = (typeof RISKS)[number];

/** `exposure,data` as it is typed. */
export function parseAccept(text: string | undefined): ReadonlySet<Accepted> {
  const words = (text ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const known = RISKS.filter((one) => words.includes(one));
  if (known.length === new Set(words).size) return new Set(known);
  throw new Problem('cli/accept', `--accept takes ${RISKS.join(' and ')}`, {
    cause: `it was given ${JSON.stringify(text)}`,
    fix: 'write it as --accept exposure, --accept data or --accept exposure,data',
    exit: EXIT.usage,
  });
}

/**
 * Shows the plan and asks for it, and for each risk of its own: what the file opens that was closed, and what would be lost.
 * Gives whether what loses something may be done; without a word for that it is left alone, all the rest is not.
 */
export async function agree(
  io: Io,
  how: { readonly yes: boolean; readonly accepted: ReadonlySet<Accepted>; readonly command: string },
  planned: Planned,
): Promise<boolean> {
  const loses = planned.changes.filter((change) => riskOfChange(change) === 'data');
  const { widened } = planned;
  if (!how.yes) {
    io.talk(describePlan(planned));
    if (!(await confirm('apply this plan?'))) throw cancelled('not applied');
  }
  if (widened.length > 0 && !how.accepted.has('exposure')) {
    if (how.yes) io.talk(describeOpenings(widened));
    if (!(await confirm('this opens what was closed. go on?'))) throw notAccepted(widened, how.command);
  }
  if (loses.length === 0 || how.accepted.has('data')) return true;
  if (how.yes) io.talk(describePlan({ changes: loses, widened: [] }));
  return confirm('this loses something. do that too?');
}

function notAccepted(widened: readonly string[], command: string): Problem {
  return new Problem('cli/not-accepted', 'not applied: the file opens what was closed, and nobody agreed to that', {
    cause: widened.join(' ; '),
    fix: `take it out of the file, or agree to it: ${command} --yes --accept exposure`,
    exit: EXIT.cancelled,
  });
}
