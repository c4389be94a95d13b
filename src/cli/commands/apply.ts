import type { Command } from 'commander';

import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

type Options = { readonly file?: string; readonly json?: boolean; readonly yes?: boolean };

/** `lobsterpot apply`: `up` without the proof. */
export function registerApply(program: Command, session: Session): void {
  standard(
    withFile(program.command('apply').description('apply the plan without the proof at the end (then: lobsterpot verify)')).option(
      '-y, --yes',
      'do not ask before applying',
    ),
    ['findings', 'unreachable', 'locked', 'cancelled'],
  ).action(async (options: Options) => {
    const { bringUp } = await import('../bring-up.ts');
    session.exit = await bringUp(session.io, { ...options, prove: false, command: 'lobsterpot apply' });
  });
}
