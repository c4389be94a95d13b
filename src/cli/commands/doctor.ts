import type { Command } from 'commander';

import { stableJson } from '../../core/json.ts';
import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

type Options = { readonly file?: string; readonly json?: boolean; readonly all?: boolean };

/** `lobsterpot doctor`: can the hosts run what the file asks? Looks, and changes nothing. */
export function registerDoctor(program: Command, session: Session): void {
  standard(
    withFile(
      program
        .command('doctor')
        .argument('[host]', 'one host of the file; default: all that something runs on')
        .description('look at the hosts before anything is changed: can they run what the file asks, and what can they not enforce'),
    ).option('--all', 'print what passed too'),
    ['findings', 'unreachable'],
  ).action(async (host: string | undefined, options: Options) => {
    const { openContext } = await import('../context.ts');
    const { workspaceFrom } = await import('../../converge/workspace.ts');
    const { examine, exitOf, stopsUp } = await import('../doctor.ts');
    const { describeExamined } = await import('../describe-doctor.ts');
    const begin = performance.now();
    const { engine } = await openContext(session.io, options.file);
    const examined = await examine(engine, workspaceFrom(process.env), host);
    const ms = performance.now() - begin;
    session.exit = exitOf(examined);
    session.io.out(
      options.json === true
        ? stableJson({
            deployment: engine.deployment.name,
            upMayBegin: !examined.some((one) => one.findings.some(stopsUp)),
            ms: Math.round(ms),
            hosts: examined,
          })
        : describeExamined(session.io, examined, { ms, all: options.all === true }),
    );
  });
}
