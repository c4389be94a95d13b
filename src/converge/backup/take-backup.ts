import { clearArchive, makeArchive, readArchive } from '../../openclaw/backup/state-archive.ts';
import type { Engine } from '../engine.ts';
import { digestOf, storeBackup, type Backup } from './backup-store.ts';
import { accessTo, type Target } from './targets.ts';

/**
 * Backs one service up, running or not: OpenClaw's own archive, restored into a scratch folder inside the service's sandbox, then
 * brought here; it counts only once the same bytes have arrived. The caller holds the deployment's lock.
 */
export async function takeBackup(engine: Engine, target: Target, command: string): Promise<Backup> {
  const access = await accessTo(engine, target);
  const facts = await makeArchive(access);
  try {
    const at = new Date().toISOString();
    const manifest = { version: 1, service: target.service, host: target.host, at, command, ...facts } as const;
    return await storeBackup(engine, manifest, readArchive(access, facts.bytes), digestOf);
  } finally {
    await clearArchive(access);
  }
}
