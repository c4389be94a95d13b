import { dirname, join } from 'node:path';

import { clearArchive } from '../openclaw/backup/state-archive.ts';
import { removePartial } from './backup/backup-store.ts';
import { accessTo, targetsOf } from './backup/targets.ts';
import type { Desired } from './diff.ts';
import type { Engine } from './engine.ts';
import { removeOldClaims } from './host-lock.ts';
import { readOpenStates } from './journal.ts';
import { sideBySide } from './side-by-side.ts';
import type { Site } from './site.ts';

/** What a file is called until it is whole (`Host.write`). */
const TEMPORARY = /^\..+\.[0-9a-f]{12}\.tmp$/;
/** Where lobsterpot itself writes beside what it renders. */
const OWN_FOLDERS = ['', 'secrets', 'rotations', 'trails'];
const SERVICE_FOLDERS = ['', 'config', 'secrets'];

/** Beginnings of files in the operator's own folder. Its smallest files are written without the lock: what is gone a moment later was somebody's at work. */
export async function ownBeginnings({ local, root }: Pick<Engine, 'local' | 'root'>): Promise<readonly string[]> {
  return beginningsIn(
    local,
    OWN_FOLDERS.map((folder) => join(root, folder)),
  );
}

/**
 * Removes the beginnings of files that a run which was cut off left beside their places, on every host: a secret may be in one.
 * The caller holds the locks.
 */
export async function sweep(engine: Engine, desired: Desired): Promise<void> {
  const open = await readOpenStates(engine.root);
  for (const target of targetsOf(engine.deployment)) {
    await removePartial(engine, target.service);
    // Beside its state lies half an archive; where it cannot be reached now, its next backup clears it.
    if (open.has(target.service)) await clearArchive(await accessTo(engine, target)).catch(() => undefined);
  }
  await sideBySide((await engine.sites()).values(), async (site) => {
    const { name, root, host } = site;
    await removeOldClaims(engine, site);
    // One that the file does not name any more has its folders too.
    const services = await host.list(join(root, 'services'));
    const folders = [
      ...writtenFolders(desired, name),
      ...services.flatMap((service) => SERVICE_FOLDERS.map((folder) => join('services', service, folder))),
    ];
    const found = await beginningsIn(
      host,
      [...new Set(folders.map((folder) => join(root, folder)))].filter((folder) => folder !== engine.root),
    );
    for (const path of found) await host.remove(path);
  });
}

/** The folders of a host that files are written into, relative to the deployment's. Pure. */
export function writtenFolders(
  { artifacts, placedSecrets }: Pick<Desired, 'artifacts' | 'placedSecrets'>,
  host: string,
): readonly string[] {
  const files = [...artifacts.filter((one) => one.kind === 'file'), ...placedSecrets].filter((one) => one.host === host);
  return [...new Set(['.', ...files.map((one) => dirname(one.path))])];
}

async function beginningsIn(host: Site['host'], folders: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of folders) for (const name of await host.list(folder)) if (TEMPORARY.test(name)) found.push(join(folder, name));
  return found;
}
