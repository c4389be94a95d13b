import { Argument, type Command, Option } from 'commander';

import { EXIT } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

type Options = { readonly file?: string; readonly json?: boolean; readonly lines: number };

/** `lobsterpot logs SERVICE`: the last lines, with control characters taken out. */
export function registerLogs(program: Command, session: Session): void {
  standard(
    withFile(
      program
        .command('logs')
        .addArgument(new Argument('<service>', 'gate, a gateway or a node, by its name in the file'))
        .addOption(new Option('-n, --lines <count>', 'how many lines').default(100).argParser(parseLines))
        .description("print the last lines of a service's log"),
    ),
    ['findings'],
  ).action(async (asked: string, options: Options) => {
    const { openContext } = await import('../context.ts');
    const { currentServices } = await import('../../converge/engine.ts');
    const { engine } = await openContext(session.io, options.file, true);
    const services = await currentServices(engine);
    const service = services.find((one) => one.name === asked || one.key === asked);
    if (!service) {
      throw new Problem('cli/no-service', `there is no service "${asked}"`, {
        cause: `this deployment has: ${services.map((one) => one.key).join(', ')}`,
        fix: `lobsterpot logs ${services[0]?.key ?? 'gate'}`,
        exit: EXIT.usage,
      });
    }
    const lines = (await engine.runtime.logs(service.name, options.lines)).map((line) => plainText(line, 4000));
    session.io.out(options.json === true ? stableJson({ service: service.name, lines }) : lines.map((line) => `${line}\n`).join(''));
  });
}

function parseLines(text: string): number {
  const lines = Number(text);
  if (Number.isInteger(lines) && lines > 0 && lines <= 100_000) return lines;
  throw new Problem('cli/lines', `--lines takes a whole number from 1 to 100000, not "${text.slice(0, 20)}"`, {
    cause: 'it is not such a number',
    fix: 'lobsterpot logs SERVICE --lines 200',
    exit: EXIT.usage,
  });
}
