import type { Command } from 'commander';

import { EXIT } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

type Options = { readonly file?: string; readonly json?: boolean; readonly disruptive?: boolean; readonly all?: boolean };

/** `lobsterpot verify`: what could the agent reach if it turned hostile now? Found out by trying. */
export function registerVerify(program: Command, session: Session): void {
  standard(
    withFile(program.command('verify').description('prove the containment: try to break out of every running service'))
      .option('--disruptive', 'also kill the gate for a moment, to see that nothing leaves without it')
      .option('--all', 'print what passed too'),
    ['findings', 'unreachable'],
  ).action(async (options: Options) => {
    const { openContext } = await import('../context.ts');
    const { proveDeployment } = await import('../prove.ts');
    const { textReport } = await import('../../checks/report/text-report.ts');
    const { engine } = await openContext(session.io, options.file);
    const proof = await proveDeployment(engine, { disruptive: options.disruptive === true });
    session.io.out(
      options.json === true
        ? stableJson({
            deployment: engine.deployment.name,
            green: proof.green,
            counts: proof.counts,
            ms: proof.ms,
            findings: proof.findings,
          })
        : textReport(proof.findings, { ms: proof.ms, all: options.all === true }),
    );
    session.exit = proof.green ? EXIT.ok : EXIT.findings;
  });
}
