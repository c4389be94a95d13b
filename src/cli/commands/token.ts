import type { Command } from 'commander';

import { EXIT } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import { Problem } from '../../core/problem.ts';
import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

/** `lobsterpot token GATEWAY`: the one command that prints a secret, because the Control UI asks a person for it. */
export function registerToken(program: Command, session: Session): void {
  standard(
    withFile(
      program
        .command('token')
        .argument('<gateway>', 'its name in lobsterpot.yaml')
        .description("print a gateway's token, for the Control UI's login (a secret: mind who looks at your screen)"),
    ),
    ['findings'],
  ).action(async (name: string, options: { readonly file?: string; readonly json?: boolean }) => {
    const { openContext } = await import('../context.ts');
    const { gatewayToken, gatewayTokenFile } = await import('../../converge/engine.ts');
    const { engine } = await openContext(session.io, options.file, true);
    const gateway = engine.deployment.gateways.find((one) => one.name === name);
    if (!gateway) {
      throw new Problem('cli/no-gateway', `there is no gateway "${name}" in the file`, {
        cause: `it has: ${engine.deployment.gateways.map((one) => one.name).join(', ')}`,
        fix: `lobsterpot token ${engine.deployment.gateways[0]?.name ?? 'NAME'}`,
        exit: EXIT.usage,
      });
    }
    // A document is kept, piped and logged: it names the file; only the plain form shows the value.
    if (options.json === true) return session.io.out(stableJson({ gateway: name, file: gatewayTokenFile(engine, name) }));
    session.io.out(`${(await gatewayToken(engine, name)).reveal()}\n`);
  });
}
