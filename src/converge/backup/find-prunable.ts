import { listAsides, forgetAsides, type Aside } from '../../openclaw/backup/state-archive.ts';
import type { Engine } from '../engine.ts';
import type { Workspace } from '../workspace.ts';
import { readMove } from '../upgrade/move-note.ts';
import { listBackups, removeBackup, removePartial, type Backup } from './backup-store.ts';
import { choosePrune, type PruneRule } from './choose-prune.ts';
import { refuseRestoring } from './restoring.ts';
import { accessTo, targetsOf, type Target } from './targets.ts';
import { removeImages, unusedImages, type OldImage } from './used-images.ts';
import { removeRuntimes, unusedRuntimes } from './unused-runtimes.ts';

/** What can go. */
export type Prunable = {
  readonly backups: readonly Backup[];
  readonly asides: readonly { readonly target: Target; readonly aside: Aside }[];
  /** Absolute folders. */
  readonly runtimes: readonly string[];
  readonly images: readonly OldImage[];
};

/** What a rule lets go of a deployment; it removes nothing. A state that was moved aside goes once it is old enough. */
export async function findPrunable(engine: Engine, workspace: Workspace, rule: PruneRule, nowMs: number): Promise<Prunable> {
  // Its states from before are what it still needs.
  await refuseRestoring(engine);
  const targets = targetsOf(engine.deployment);
  // An upgrade that was cut off may still go back to these.
  const held = new Set(Object.values((await readMove(engine))?.backups ?? {}));
  const backups = await Promise.all(
    targets.map(async ({ service }) => {
      const all = (await listBackups(engine, service)).map((backup) => ({ id: backup.id, atMs: Date.parse(backup.at), backup }));
      return choosePrune(all, rule, nowMs, held).map((one) => one.backup);
    }),
  );
  const asides = await Promise.all(
    targets.map(async (target) =>
      (await asidesOf(engine, target)).filter(({ stamp }) => isOld(stamp, rule, nowMs)).map((aside) => ({ target, aside })),
    ),
  );
  return {
    backups: backups.flat(),
    asides: asides.flat(),
    runtimes: await unusedRuntimes(workspace),
    images: await unusedImages(engine, workspace),
  };
}

/** Removes it, and what runs that were cut off left of backups. The caller holds the deployment's lock. */
export async function removePrunable(engine: Engine, { backups, asides, runtimes, images }: Prunable): Promise<void> {
  for (const backup of backups) await removeBackup(engine, backup);
  for (const target of targetsOf(engine.deployment)) {
    await removePartial(engine, target.service);
    const stamps = asides.filter((one) => one.target.service === target.service).map((one) => one.aside.stamp);
    if (stamps.length > 0) await forgetAsides(await accessTo(engine, target), stamps);
  }
  await removeRuntimes(runtimes);
  await removeImages(images);
}

/** A service that never ran has none. */
async function asidesOf(engine: Engine, target: Target): Promise<readonly Aside[]> {
  const { site, ...access } = await accessTo(engine, target);
  const spec = await site.host.read(`${site.root}/services/${target.service}/spec.json`);
  return spec ? listAsides(access) : [];
}

function isOld(stamp: string, { olderThanMs }: PruneRule, nowMs: number): boolean {
  if (olderThanMs === undefined) return true;
  const at = Date.parse(stamp.replace(/T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z$/, 'T$1:$2:$3.$4Z'));
  return nowMs - at > olderThanMs;
}
