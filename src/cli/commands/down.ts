import type { Command } from 'commander';

import { stableJson } from '../../core/json.ts';
import { standard, withFile } from '../help.ts';
import { step } from '../step.ts';
import type { Session } from '../program.ts';

/** `lobsterpot down`: stops every service; state, secrets and trail stay. */
export function registerDown(program: Command, session: Session): void {
  standard(withFile(program.command('down').description('stop every service and keep all state (lobsterpot up starts them again)')), [
    'findings',
    'unreachable',
    'locked',
  ]).action(async (options: { readonly file?: string; readonly json?: boolean }) => {
    const { openContext } = await import('../context.ts');
    const { bringDown } = await import('../../converge/take-down.ts');
    const { engine } = await openContext(session.io, options.file, true);
    const stopped = await step(
      session.io,
      engine.deployment.name,
      () => bringDown(engine, 'lobsterpot down'),
      (names) => `${names.length} stopped`,
    );
    if (options.json === true) session.io.out(stableJson({ deployment: engine.deployment.name, stopped }));
    else session.io.out('stopped; state, secrets and the audit trail are kept. start again: lobsterpot up\n');
  });
}
