import type { Command } from 'commander';

import { EXIT } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

/** `lobsterpot plan`: what `up` would do, and nothing is done. */
export function registerPlan(program: Command, session: Session): void {
  standard(withFile(program.command('plan').description('say what up would change, and change nothing')), [
    'findings',
    'changes',
    'unreachable',
  ]).action(async (options: { readonly file?: string; readonly json?: boolean }) => {
    const { openContext } = await import('../context.ts');
    const { plan } = await import('../../converge/engine.ts');
    const { describePlan } = await import('../describe-plan.ts');
    const { publicChange } = await import('../../converge/change.ts');
    const { tellCutOff } = await import('../tell-cut-off.ts');
    const { engine } = await openContext(session.io, options.file);
    const { changes, widened } = await plan(engine);
    session.io.out(
      options.json === true
        ? stableJson({ deployment: engine.deployment.name, changes: changes.map(publicChange), widens: widened })
        : describePlan({ changes, widened }),
    );
    const isCutOff = await tellCutOff(session.io, engine);
    session.exit = changes.length + widened.length === 0 && !isCutOff ? EXIT.ok : EXIT.changes;
  });
}
