import type { Command } from 'commander';

import { EXIT } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

/** `lobsterpot status`: what runs, which nodes are there, who else asked to be let in. */
export function registerStatus(program: Command, session: Session): void {
  standard(withFile(program.command('status').description('what runs, which nodes are connected, and who else is at the gateways')), [
    'findings',
    'unreachable',
  ]).action(async (options: { readonly file?: string; readonly json?: boolean }) => {
    const { openContext } = await import('../context.ts');
    const { readStatus } = await import('../../converge/status.ts');
    const { describeStatus, isWell } = await import('../describe-status.ts');
    const { notEnforcedOn } = await import('../../converge/not-enforced.ts');
    const { readRouteUses } = await import('../route-uses.ts');
    const { tellCutOff } = await import('../tell-cut-off.ts');
    const { engine } = await openContext(session.io, options.file, false, 'services');
    const [status, notEnforced, routes] = await Promise.all([readStatus(engine), notEnforcedOn(engine), readRouteUses(engine)]);
    session.io.out(
      options.json === true
        ? stableJson({ deployment: engine.deployment.name, ...status, routes, notEnforced })
        : describeStatus(session.io, engine.deployment.name, status, notEnforced, routes),
    );
    await tellCutOff(session.io, engine);
    session.exit = status.unreachable.length > 0 ? EXIT.unreachable : isWell(status) ? EXIT.ok : EXIT.findings;
  });
}
