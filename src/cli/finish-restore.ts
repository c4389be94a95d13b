import { listBackups } from '../converge/backup/backup-store.ts';
import { describeRestoring, readRestoring, refuseRestoring, type Restoring } from '../converge/backup/restoring.ts';
import { giveUpRestore, restoreService } from '../converge/backup/restore-state.ts';
import { targetsOf, type Target } from '../converge/backup/targets.ts';
import { siteOf, type Engine } from '../converge/engine.ts';
import { takeHostLocks } from '../converge/host-lock.ts';
import { takeLock } from '../converge/lock.ts';
import type { Io } from './io.ts';
import { step } from './step.ts';

/**
 * Goes on with the restore of a service that was cut off, before anything else is looked at; where its backup is gone, the state from
 * before is put back. Refuses where all states were on their way to an earlier OpenClaw: a person says which of the two it is to be.
 */
export async function finishRestore(io: Io, engine: Engine, command: string): Promise<void> {
  await refuseRestoring(engine, (note) => note.openclaw === undefined);
  const note = await readRestoring(engine);
  if (!note) return;
  const { what } = describeRestoring(note);
  const target = targetsOf(engine.deployment).find((one) => one.service in note.backups);
  if (!target) {
    io.talk(`  note: ${what} was cut off, and it is not in the file any more: it is gone on with once it is there again\n`);
    return;
  }
  io.talk(`  note: ${what} was cut off; going on with it\n`);
  await step(
    io,
    target.service,
    () => goOn(engine, target, note, command),
    (result) => result,
  );
}

async function goOn(engine: Engine, target: Target, { backups, stamp }: Restoring, command: string): Promise<string> {
  await using _lock = await takeLock(engine.root, command, () => undefined);
  await using _host = await takeHostLocks(engine, [await siteOf(engine, target)], command, () => undefined);
  const backup = (await listBackups(engine, target.service)).find((one) => one.id === backups[target.service]);
  if (!backup) {
    await giveUpRestore(engine, target, stamp);
    return 'healthy, as it was before: that backup is gone';
  }
  await restoreService(engine, target, backup, command);
  return `healthy, as it was at ${backup.at}`;
}
