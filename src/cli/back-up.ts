import type { Backup } from '../converge/backup/backup-store.ts';
import { backUpAll } from '../converge/upgrade/back-up-all.ts';
import type { Engine } from '../converge/engine.ts';
import type { Io } from './io.ts';
import { step } from './step.ts';

/** Backs services up and tells how it goes; OpenClaw's own commands take some seconds each. */
export async function backUp(io: Io, engine: Engine, services: readonly string[]): Promise<{ readonly backups: readonly Backup[] }> {
  const done = await step(
    io,
    'backup',
    (say) => backUpAll(engine, new Set(services), 'lobsterpot backup', ({ service }) => say(`${service} done`)),
    (all) => `${all.length} made, each restored once to try it`,
  );
  return { backups: done.map(({ backup }) => backup) };
}
