import type { Command } from 'commander';

import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

type Options = {
  readonly file?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly accept?: string;
  readonly image?: string;
};

/** `lobsterpot upgrade VERSION`: another OpenClaw for every gateway and node, with a way back. */
export function registerUpgrade(program: Command, session: Session): void {
  standard(
    withFile(
      program
        .command('upgrade')
        .argument('<version>', 'the OpenClaw to change to, e.g. 2026.9.6')
        .description('back everything up, change the version in the file, then gateways, then nodes, then the proof; or all of it back'),
    )
      .option('--image <ref>', 'for containers: the image that holds it, where the file names one')
      .option('-y, --yes', 'do not ask before applying')
      .option('--accept <risks>', 'as in: lobsterpot up --help'),
    ['findings', 'unreachable', 'locked', 'cancelled'],
  ).action(async (version: string, options: Options) => {
    const { upgradeTo } = await import('../upgrade-to.ts');
    session.exit = await upgradeTo(session.io, version, options);
  });
}
