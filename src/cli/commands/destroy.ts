import type { Command } from 'commander';

import { workspaceFrom } from '../../converge/workspace.ts';
import { stableJson } from '../../core/json.ts';
import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

type Options = { readonly file?: string; readonly json?: boolean; readonly confirm?: string };

/** `lobsterpot destroy`: stops and removes everything of one deployment, after asking. */
export function registerDestroy(program: Command, session: Session): void {
  standard(
    withFile(program.command('destroy').description('stop everything and remove its state, secrets and audit trail for good')).option(
      '--confirm <name>',
      "for scripts: the deployment's name, instead of the question",
    ),
    ['findings', 'unreachable', 'locked', 'cancelled'],
  ).action(async (options: Options) => {
    const { openContext } = await import('../context.ts');
    const { cancelled, confirm } = await import('../confirm.ts');
    const { destroy } = await import('../../converge/take-down.ts');
    const { engine } = await openContext(session.io, options.file, true);
    const { name } = engine.deployment;
    const agreed =
      options.confirm === name ||
      (options.confirm === undefined && (await confirm(`remove ${engine.root}, with all chats, secrets and the audit trail of ${name}?`)));
    if (!agreed) throw cancelled(`${name} was not removed (scripts: --confirm ${name})`);
    await destroy(engine, 'lobsterpot destroy');
    const installed = [...engine.deployment.gateways, ...engine.deployment.nodes].some((one) => one.runtime === 'process');
    const stays = installed ? `; the installed OpenClaw stays in ${workspaceFrom(process.env).data}` : '';
    session.io.out(options.json === true ? stableJson({ destroyed: name }) : `removed ${name}${stays}\n`);
  });
}
