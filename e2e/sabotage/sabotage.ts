import type { ProofInput } from '../../src/checks/proof-input.ts';
import type { SmallStage } from './small-stage.ts';

/** One control weakened, and the checks that have to notice. */
export type Sabotage = {
  /** As written at the checks in the catalogue. */
  readonly name: string;
  /** Check ids that must fail. */
  readonly finds: readonly string[];
  /** Check ids that may fail too, because the same weakness shows there. */
  readonly also?: readonly string[] | 'any';
  /** Only root can weaken it so. */
  readonly needsRoot?: true;
  /** Services that have to be started anew to get the weakness. */
  readonly restart: readonly string[];
  weaken?(stage: SmallStage): Promise<void> | void;
  /** What the proof itself gets in another form. */
  proof?(stage: SmallStage): Partial<ProofInput>;
  /** Takes back what writing the planned files again does not. */
  repair?(stage: SmallStage): void;
};

/** Replaces text that must be there: a sabotage of something that changed must not pass for one that was not noticed. */
export function swap(text: string, from: string | RegExp, to: string): string {
  const changed = text.replaceAll(from instanceof RegExp ? new RegExp(from.source, `${from.flags.replace('g', '')}g`) : from, to);
  if (changed === text) throw new Error(`nothing to sabotage: ${String(from)} is not there any more`);
  return changed;
}
