import { compareVersions } from '../../openclaw/versions.ts';
import type { MoveNote } from './move-note.ts';

/** What the file's version means for the states that are there. */
export type Move =
  | { readonly kind: 'stay' }
  | {
      readonly kind: 'up';
      readonly from: string;
      readonly to: string;
      readonly services: readonly string[];
      /** It was begun before, and cut off. */
      readonly cutOff?: MoveNote;
    }
  | { readonly kind: 'down'; readonly from: string; readonly to: string; readonly services: readonly string[] };

/**
 * Compares the version of the file with those that each service's state was last run with. What cannot be compared counts as going
 * down: a state is never given to an OpenClaw that may not be able to read it. An upgrade that was cut off goes on, from where it began.
 * Pure.
 */
export function judgeVersion(ran: ReadonlyMap<string, string>, to: string, cutOff?: MoveNote): Move {
  const compared = [...ran].map(([service, from]) => ({ service, from, order: compareVersions(from, to) ?? 1 }));
  const newer = compared.filter((one) => one.order > 0);
  const older = compared.filter((one) => one.order < 0);
  const [down] = newer.toSorted((a, b) => b.order - a.order);
  if (down) return { kind: 'down', from: down.from, to, services: newer.map((one) => one.service) };
  if (cutOff && (compareVersions(cutOff.from, to) ?? 1) < 0)
    return { kind: 'up', from: cutOff.from, to, services: Object.keys(cutOff.ran), cutOff };
  const [up] = older.toSorted((a, b) => a.order - b.order);
  if (up) return { kind: 'up', from: up.from, to, services: older.map((one) => one.service) };
  return { kind: 'stay' };
}
