import type { Command } from 'commander';

import type { Backup } from '../../converge/backup/backup-store.ts';
import type { Engine } from '../../converge/engine.ts';
import { stableJson } from '../../core/json.ts';
import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

type Options = { readonly file?: string; readonly json?: boolean; readonly list?: boolean };

/** `lobsterpot backup`: OpenClaw's own backup of each gateway and node, tried, and brought to this machine. */
export function registerBackup(program: Command, session: Session): void {
  standard(
    withFile(
      program
        .command('backup')
        .argument('[service...]', 'gateways and nodes by their names in the file (default: all)')
        .option('--list', 'show the backups that there are, newest first')
        .description('back the state of gateways and nodes up, while they run; a backup counts once it was restored on trial'),
    ),
    ['findings', 'unreachable', 'locked'],
  ).action(async (asked: readonly string[], options: Options) => {
    const { openContext } = await import('../context.ts');
    const { findTarget, targetsOf } = await import('../../converge/backup/targets.ts');
    const { describeBackups, publicBackup } = await import('../describe-backup.ts');
    const { engine } = await openContext(session.io, options.file, true);
    const targets = asked.length === 0 ? targetsOf(engine.deployment) : asked.map((one) => findTarget(engine.deployment, one));
    const services = [...new Set(targets.map((one) => one.service))];
    const { backups } =
      options.list === true ? await listed(engine, services) : await (await import('../back-up.ts')).backUp(session.io, engine, services);
    if (options.json === true) session.io.out(stableJson({ deployment: engine.deployment.name, backups: backups.map(publicBackup) }));
    else session.io.out(describeBackups(backups, Date.now()));
  });
}

async function listed(engine: Engine, services: readonly string[]): Promise<{ readonly backups: readonly Backup[] }> {
  const { listBackups } = await import('../../converge/backup/backup-store.ts');
  return { backups: (await Promise.all(services.map((one) => listBackups(engine, one)))).flat() };
}
