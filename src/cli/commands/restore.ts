import type { Command } from 'commander';

import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

type Options = { readonly file?: string; readonly json?: boolean; readonly yes?: boolean; readonly openclaw?: string };

/** `lobsterpot restore`: the state of one service, or of all together with an earlier OpenClaw. */
export function registerRestore(program: Command, session: Session): void {
  standard(
    withFile(
      program
        .command('restore')
        .argument('[service]', 'a gateway or node by its name in the file')
        .argument('[backup]', 'which one (lobsterpot backup --list); without it the newest')
        .description(
          'put a backup in the place of a state; the state of now is kept aside, and put back when that does not become healthy',
        ),
    )
      .option('--openclaw <version>', 'all of them, from the newest backups that this version made, and this version in the file')
      .option('-y, --yes', 'do not ask'),
    ['findings', 'unreachable', 'locked', 'cancelled'],
  ).action(async (service: string | undefined, backup: string | undefined, options: Options) => {
    const { restoreAll, restoreOne } = await import('../restore-from.ts');
    session.exit =
      options.openclaw === undefined
        ? await restoreOne(session.io, {
            ...options,
            ...(service === undefined ? {} : { service }),
            ...(backup === undefined ? {} : { backup }),
          })
        : await restoreAll(session.io, options.openclaw, { ...options, ...(service === undefined ? {} : { service }) });
  });
}
