import { EXIT } from '../../core/exit-code.ts';
import { Problem } from '../../core/problem.ts';
import { activateArchive, clearArchive, putBack, sendArchive, tryArchive } from '../../openclaw/backup/state-archive.ts';
import { compareVersions } from '../../openclaw/versions.ts';
import type { Engine } from '../engine.ts';
import { writeJournal } from '../journal.ts';
import type { Site } from '../site.ts';
import { digestOf, readBackup, stampOf, type Backup } from './backup-store.ts';
import { endRestoring, readRestoring, writeRestoring } from './restoring.ts';
import { accessTo, type Target } from './targets.ts';

/** What came of a restore: where the state from before is kept. */
export type Restored = { readonly stamp: string };

/** Refuses a backup that this OpenClaw could not read: its own `backup verify` does not notice, it would end at its start. Pure. */
export function refuseNewer(backup: Pick<Backup, 'service' | 'openclaw' | 'id'>, running: string): void {
  // What cannot be compared counts as newer.
  if ((compareVersions(backup.openclaw, running) ?? 1) <= 0) return;
  throw new Problem('backup/newer', `the backup ${backup.id} of ${backup.service} was made by OpenClaw ${backup.openclaw}`, {
    cause: `${running} runs, and it cannot read the state of a newer one`,
    fix: `lobsterpot upgrade ${backup.openclaw} , then restore it; or take an older backup: lobsterpot backup --list`,
    exit: EXIT.usage,
  });
}

/** Brings a backup to its service and restores it into a scratch folder there: nothing of the service is touched. */
export async function tryBackup(engine: Engine, target: Target, backup: Backup): Promise<void> {
  if ((await digestOf(backup.archive)) !== backup.sha256) {
    throw new Problem('backup/damaged', `the backup ${backup.id} of ${backup.service} is damaged`, {
      cause: `${backup.archive} is not what was written`,
      fix: 'take another one: lobsterpot backup --list',
    });
  }
  const access = await accessTo(engine, target);
  await sendArchive(access, readBackup(backup));
  await tryArchive(access, backup.sha256);
}

/** Stops a service and puts a backup in the place of its state, which is kept under `stamp`; does not start it. */
export async function replaceState(engine: Engine, target: Target, backup: Backup, stamp: string): Promise<void> {
  await tryBackup(engine, target, backup);
  const access = await accessTo(engine, target);
  const of = { event: 'restore', service: target.service, host: target.host, backup: backup.id } as const;
  await writeJournal(engine.root, { ...of, outcome: 'started' });
  await access.site.runtime.stop([target.service]);
  await activateArchive(access, backup.sha256, stamp);
  await clearArchive(access);
  await writeJournal(engine.root, { ...of, outcome: 'done' });
}

/**
 * Restores one service from a backup and waits until it is healthy; otherwise the state from before is put back and started again.
 * A note says so from the beginning to the end: killed anywhere, the same call goes on. The caller holds the deployment's lock.
 */
export async function restoreService(engine: Engine, target: Target, backup: Backup, command: string): Promise<Restored> {
  const cutOff = await readRestoring(engine);
  // The state from before lies where the run that was cut off has put it.
  const stamp = cutOff?.stamp ?? stampOf(new Date());
  const access = await accessTo(engine, target);
  await writeRestoring(engine, { version: 1, stamp, backups: { [target.service]: backup.id } });
  await writeJournal(engine.root, { event: 'begin', command, changes: 1 });
  try {
    await replaceState(engine, target, backup, stamp);
    await access.site.runtime.start([target.service]);
  } catch (failure) {
    if (!cutOff && (await isHealthy(access.site, target))) throw await untouched(engine, target, failure);
    throw await backAgain(engine, target, stamp, failure);
  }
  await endRestoring(engine);
  await writeJournal(engine.root, { event: 'end', outcome: 'done' });
  return { stamp };
}

/** Gives a restore that was cut off up: the state from before is in its place and runs. The caller holds the deployment's lock. */
export async function giveUpRestore(engine: Engine, target: Target, stamp: string): Promise<void> {
  const access = await accessTo(engine, target);
  const { runtime } = access.site;
  await runtime.stop([target.service]);
  await putBack(access, stamp);
  await clearArchive(access);
  await runtime.start([target.service]);
  await endRestoring(engine);
  await writeJournal(engine.root, { event: 'end', outcome: 'restored' });
}

async function isHealthy({ runtime }: Site, { service }: Target): Promise<boolean> {
  return (await runtime.observe()).some((one) => one.name === service && one.state === 'healthy');
}

async function untouched(engine: Engine, target: Target, failure: unknown): Promise<unknown> {
  await clearArchive(await accessTo(engine, target));
  await endRestoring(engine);
  await writeJournal(engine.root, { event: 'end', outcome: 'failed' });
  return failure;
}

async function backAgain(engine: Engine, target: Target, stamp: string, failure: unknown): Promise<Problem> {
  const cause = told(failure);
  try {
    await giveUpRestore(engine, target, stamp);
  } catch (second) {
    return new Problem('backup/not-back', `${target.service} was not restored, and its state from before could not be started`, {
      cause: `the restore: ${cause} ; going back: ${told(second)}`,
      fix: `look at it with: lobsterpot logs ${target.service} ; then go on: lobsterpot up`,
      from: failure,
    });
  }
  return new Problem(
    'backup/restore-failed',
    `${target.service} was not restored from its backup; its state from before is back and runs`,
    {
      cause,
      fix: 'take another one: lobsterpot backup --list',
      from: failure,
    },
  );
}

function told(failure: unknown): string {
  return failure instanceof Problem ? `${failure.message}: ${failure.why}` : String(failure);
}
