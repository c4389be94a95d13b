import { Argument, type Command, Option } from 'commander';

import { EXIT } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

type Options = { readonly file?: string; readonly json?: boolean; readonly lines: number; readonly host?: string };

/** `lobsterpot logs SERVICE`: the last lines, with control characters taken out. */
export function registerLogs(program: Command, session: Session): void {
  standard(
    withFile(
      program
        .command('logs')
        .addArgument(new Argument('<service>', 'gate, a gateway or a node, by its name in the file'))
        .addOption(new Option('-n, --lines <count>', 'how many lines').default(100).argParser(parseLines))
        .option('--host <name>', 'the one on this host, where several have one of that name (gate)')
        .description("print the last lines of a service's log"),
    ),
    ['findings', 'unreachable'],
  ).action(async (asked: string, options: Options) => {
    const { openContext } = await import('../context.ts');
    const { currentServices, siteOf } = await import('../../converge/engine.ts');
    const { engine } = await openContext(session.io, options.file, true, 'services');
    const services = await currentServices(engine);
    const fitting = services.filter((one) => (one.name === asked || one.key === asked) && (options.host ?? one.host) === one.host);
    // A gateway and what serves it share a key: the first is meant.
    const [service] = fitting;
    if (!service) {
      throw new Problem('cli/no-service', `there is no service "${asked}"`, {
        cause: `this deployment has: ${services.map((one) => one.key).join(', ')}`,
        fix: `lobsterpot logs ${services[0]?.key ?? 'gate'}`,
        exit: EXIT.usage,
      });
    }
    const { runtime } = await siteOf(engine, service);
    const lines = (await runtime.logs(service.name, options.lines)).map((line) => plainText(line, 4000));
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
