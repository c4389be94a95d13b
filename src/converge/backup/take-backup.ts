import { clearArchive, makeArchive, readArchive, type StateAccess } from '../../openclaw/backup/state-archive.ts';
import type { Engine } from '../engine.ts';
import { writeJournal } from '../journal.ts';
import { digestOf, removePartial, storeBackup, type Backup } from './backup-store.ts';
import { refuseRestoring } from './restoring.ts';
import { accessTo, type Target } from './targets.ts';

/**
 * Backs one service up, running or not: OpenClaw's own archive, restored into a scratch folder inside the service's sandbox, then
 * brought here; it counts only once the same bytes have arrived. The caller holds the deployment's lock.
 */
export async function takeBackup(engine: Engine, target: Target, command: string): Promise<Backup> {
  // Half of one state and half of another are no state.
  await refuseRestoring(engine, ({ backups }) => !(target.service in backups));
  const access = await accessTo(engine, target);
  const of = { service: target.service, host: target.host };
  await writeJournal(engine.root, { event: 'backup', outcome: 'started', ...of });
  await removePartial(engine, target.service);
  const backup = await made(engine, access, { ...of, command });
  await writeJournal(engine.root, { event: 'backup', outcome: 'done', ...of, backup: backup.id });
  return backup;
}

/** Nothing of it stays at the service: who finds no record of its end, clears it. */
async function made(
  engine: Engine,
  access: StateAccess,
  of: { readonly service: string; readonly host: string; readonly command: string },
): Promise<Backup> {
  const facts = await makeArchive(access);
  try {
    const manifest = { version: 1, ...of, at: new Date().toISOString(), ...facts } as const;
    return await storeBackup(engine, manifest, readArchive(access, facts.bytes), digestOf);
  } finally {
    await clearArchive(access);
  }
}
