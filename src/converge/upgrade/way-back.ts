import { mendState } from '../../openclaw/backup/state-archive.ts';
import { listBackups } from '../backup/backup-store.ts';
import { accessTo, targetsOf, type Target } from '../backup/targets.ts';
import { recordsOf, type Engine } from '../engine.ts';
import { backUpAll, type BackedUp } from './back-up-all.ts';
import type { Move } from './judge-version.ts';
import { writeMove, type MoveNote } from './move-note.ts';
import { isFiledAs, readRan } from './ran-versions.ts';

/** Where an upgrade goes when it fails. */
export type WayBack = {
  readonly note: MoveNote;
  readonly states: readonly BackedUp[];
  /** How many of them are of the run that was cut off. */ readonly kept: number;
};

/**
 * Backs every state up and notes the way back, before anything is changed. Of an upgrade that was cut off, the backups of then are
 * taken for the states that a newer version may have touched since; the others are made anew.
 */
export async function openWayBack(
  engine: Engine,
  { from, to, cutOff }: Extract<Move, { readonly kind: 'up' }>,
  command: string,
  onDone: (target: Target) => void,
): Promise<WayBack> {
  const ran = await readRan(engine);
  const targets = targetsOf(engine.deployment);
  // Nothing runs on a state that is not whole: what replaces one stops its service first.
  if (cutOff?.isGoingBack === true)
    for (const target of targets.filter((one) => one.service in cutOff.ran)) await mendState(await accessTo(engine, target));
  const kept = cutOff ? await keptOf(engine, targets, cutOff, ran) : [];
  const others = new Set(
    [...(cutOff ? Object.keys(cutOff.ran) : ran.keys())].filter((name) => kept.every((one) => one.target.service !== name)),
  );
  const made = others.size === 0 ? [] : await backUpAll(engine, others, command, onDone);
  const states = targets.flatMap((target) => [...kept, ...made].filter((one) => one.target.service === target.service));
  const note: MoveNote = {
    version: 1,
    from,
    to,
    at: (kept.length > 0 ? cutOff?.at : undefined) ?? new Date().toISOString(),
    ran: cutOff?.ran ?? Object.fromEntries(ran),
    backups: Object.fromEntries(states.map(({ target, backup }) => [target.service, backup.id])),
    hosts: cutOff?.hosts ?? (await recordsOf(engine)).hosts,
    isGoingBack: false,
  };
  await writeMove(engine, note);
  return { note, states, kept: kept.length };
}

/** The backups of then that still count. One that is gone is made anew, as far as that can be done. */
async function keptOf(
  engine: Engine,
  targets: readonly Target[],
  { backups, from, isGoingBack }: MoveNote,
  ran: ReadonlyMap<string, string>,
): Promise<readonly BackedUp[]> {
  const found = await Promise.all(
    targets.map(async (target): Promise<readonly BackedUp[]> => {
      const backup = (await listBackups(engine, target.service)).find((one) => one.id === backups[target.service]);
      if (!backup) return [];
      // While it goes back, the files are those of before earlier than the state is.
      const mayBeTouched = isGoingBack && ran.get(target.service) !== from;
      return !mayBeTouched && (await isFiledAs(engine, target, from)) ? [] : [{ target, backup }];
    }),
  );
  return found.flat();
}
