import type { Backup } from '../backup/backup-store.ts';
import { takeBackup } from '../backup/take-backup.ts';
import { targetsOf, type Target } from '../backup/targets.ts';
import { siteOf, type Engine } from '../engine.ts';
import { takeHostLocksThere } from '../host-lock.ts';
import { takeLock } from '../lock.ts';
import { sideBySide } from '../side-by-side.ts';

/** A service and the backup that its state came into. */
export type BackedUp = { readonly target: Target; readonly backup: Backup };

/** Backs every named service up, hosts side by side, under the deployment's lock and those of the hosts. A failure on one host leaves the backups of the others, and is thrown. */
export async function backUpAll(
  engine: Engine,
  services: ReadonlySet<string>,
  command: string,
  onDone: (target: Target, backup: Backup) => void,
): Promise<readonly BackedUp[]> {
  await using _lock = await takeLock(engine.root, command, () => undefined);
  const targets = targetsOf(engine.deployment).filter((one) => services.has(one.service));
  const hosts = [...new Set(targets.map((one) => one.host))];
  // Another machine's restore sends its archive to where one is made.
  const sites = await Promise.all(hosts.map((host) => siteOf(engine, { host })));
  await using _hosts = await takeHostLocksThere(engine, sites, command);
  const done = new Map<string, BackedUp>();
  await sideBySide(hosts, async (host) => {
    for (const target of targets.filter((one) => one.host === host)) {
      const backup = await takeBackup(engine, target, command);
      onDone(target, backup);
      done.set(target.service, { target, backup });
    }
  });
  return targets.flatMap(({ service }) => done.get(service) ?? []);
}
