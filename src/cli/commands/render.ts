import type { Command } from 'commander';

import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

type Options = { readonly file?: string; readonly json?: boolean; readonly out?: string };

/** `lobsterpot render`: the files that `up` would write, without a secret in them. */
export function registerRender(program: Command, session: Session): void {
  standard(
    withFile(
      program.command('render').description('write the files that up would put on the host, to read them (no secret is in them)'),
    ).option('-o, --out <folder>', 'write them there instead of listing them'),
    ['findings', 'unreachable'],
  ).action(async (options: Options) => {
    const { renderDeployment } = await import('../render-deployment.ts');
    await renderDeployment(session.io, options);
  });
}
