import type { Command } from 'commander';

import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

type Options = {
  readonly file?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly keep?: string;
  readonly olderThan?: string;
};

/** `lobsterpot prune`: old backups, states that were moved aside, OpenClaw versions and images that nothing runs. */
export function registerPrune(program: Command, session: Session): void {
  standard(
    withFile(
      program
        .command('prune')
        .description('remove old backups, states that were moved aside, and OpenClaw versions and images that nothing runs any more'),
    )
      .option('--keep <number>', 'how many backups of each service stay at least (default: 3)')
      .option('--older-than <time>', 'only what is older, e.g. 30d')
      .option('-y, --yes', 'do not ask'),
    ['findings', 'unreachable', 'locked', 'cancelled'],
  ).action(async (options: Options) => {
    const { prune } = await import('../prune-all.ts');
    session.exit = await prune(session.io, options);
  });
}
