import { clearArchive, makeArchive, readArchive } from '../../openclaw/backup/state-archive.ts';
import type { Engine } from '../engine.ts';
import { writeJournal } from '../journal.ts';
import { digestOf, removePartial, storeBackup, type Backup } from './backup-store.ts';
import { accessTo, type Target } from './targets.ts';

/**
 * Backs one service up, running or not: OpenClaw's own archive, restored into a scratch folder inside the service's sandbox, then
 * brought here; it counts only once the same bytes have arrived. The caller holds the deployment's lock.
 */
export async function takeBackup(engine: Engine, target: Target, command: string): Promise<Backup> {
  const access = await accessTo(engine, target);
  const of = { service: target.service, host: target.host };
  await writeJournal(engine.root, { event: 'backup', outcome: 'started', ...of });
  await removePartial(engine, target.service);
  const facts = await makeArchive(access);
  try {
    const at = new Date().toISOString();
    const manifest = { version: 1, service: target.service, host: target.host, at, command, ...facts } as const;
    const backup = await storeBackup(engine, manifest, readArchive(access, facts.bytes), digestOf);
    await writeJournal(engine.root, { event: 'backup', outcome: 'done', ...of, backup: backup.id });
    return backup;
  } finally {
    await clearArchive(access);
  }
}
