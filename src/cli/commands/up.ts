import type { Command } from 'commander';

import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

type Options = { readonly file?: string; readonly json?: boolean; readonly yes?: boolean; readonly accept?: string };

/** `lobsterpot up`: preflight, plan, confirm, apply, prove. Running it again changes nothing. */
export function registerUp(program: Command, session: Session): void {
  standard(
    withFile(program.command('up').description('make it so: check the machine, show the plan, apply it, prove the result'))
      .option('-y, --yes', 'do not ask before applying; what opens something or loses something is asked for all the same')
      .option(
        '--accept <risks>',
        'for scripts: agree beforehand to exposure (what the file opens that was closed), data (what loses something), or exposure,data',
      ),
    ['findings', 'unreachable', 'locked', 'cancelled'],
  ).action(async (options: Options) => {
    const { bringUp } = await import('../bring-up.ts');
    session.exit = await bringUp(session.io, { ...options, prove: true, command: 'lobsterpot up' });
  });
}
