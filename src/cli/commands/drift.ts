import type { Command } from 'commander';

import { EXIT } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

/** `lobsterpot drift`: what was changed on the hosts since the last run that went through, whatever the file says now. */
export function registerDrift(program: Command, session: Session): void {
  standard(
    withFile(program.command('drift').description('say what somebody changed on the hosts by hand, and what could not be looked at')),
    ['findings', 'changes', 'unreachable'],
  ).action(async (options: { readonly file?: string; readonly json?: boolean }) => {
    const { openContext } = await import('../context.ts');
    const { readDrift } = await import('../../converge/read-drift.ts');
    const { describeDrift } = await import('../describe-drift.ts');
    const { engine } = await openContext(session.io, options.file);
    const { unreachable, ...report } = await readDrift(engine);
    session.io.out(
      options.json === true
        ? stableJson({
            deployment: engine.deployment.name,
            ...report,
            unreachable: [...unreachable].map(([host, problem]) => ({ host, ...problem.toJSON() })),
          })
        : describeDrift(report),
    );
    // A change that was seen weighs more than what was not seen; what was not seen is never "unchanged".
    session.exit =
      report.drifted.length > 0
        ? EXIT.changes
        : unreachable.size > 0
          ? EXIT.unreachable
          : report.unchecked.length > 0
            ? EXIT.findings
            : EXIT.ok;
  });
}
