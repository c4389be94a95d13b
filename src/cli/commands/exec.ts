import { realpath } from 'node:fs/promises';

import type { Command } from 'commander';

import { EXIT } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import type { Explanation } from '../../openclaw/explain-refusal.ts';
import { standard, withFile } from '../help.ts';
import type { Session } from '../program.ts';

const MOST_SHOWN = 1_000_000;

type Options = { readonly file?: string; readonly json?: boolean; readonly timeout: string };

/** `lobsterpot exec NODE -- COMMAND...`: through the gateway, on the node, under its exec policy. */
export function registerExec(program: Command, session: Session): void {
  standard(
    withFile(
      program
        .command('exec')
        .argument('<node>', 'its name in lobsterpot.yaml')
        .argument('<command...>', 'after --: an absolute path and its arguments')
        .option('--timeout <seconds>', 'the longest that the command may take', '60')
        .description('run a command on a node, through its gateway, if the exec policy allows it'),
    ),
    ['findings', 'unreachable'],
  )
    .addHelpText('after', "  otherwise the command's own exit code; a refused command gives 1")
    .action(async (name: string, command: readonly string[], options: Options) => {
      const { openContext } = await import('../context.ts');
      const { runOnNode } = await import('../../converge/run-on-node.ts');
      const { explainRefusal } = await import('../../openclaw/explain-refusal.ts');
      const seconds = Number(options.timeout);
      if (!Number.isFinite(seconds) || seconds <= 0 || seconds > 3600) throw badTimeout(options.timeout);
      const { engine } = await openContext(session.io, options.file, true, 'services');
      const { node, outcome } = await runOnNode(engine, name, command, seconds * 1000);
      if (outcome.kind === 'refused') {
        const explained = explainRefusal(node.exec, command, await realPathOf(command[0]));
        throw new Problem('exec/refused', `node ${name} refused ${plainText(command[0] ?? '', 200)}`, {
          cause: `${explained.message} (${plainText(outcome.message, 200)})`,
          fix: fixOf(explained, name, command.slice(1), engine.file),
        });
      }
      if (options.json === true) session.io.out(stableJson({ node: name, command, ...outcome }));
      else {
        process.stdout.write(shown(process.stdout.isTTY, outcome.stdout));
        process.stderr.write(shown(process.stderr.isTTY, outcome.stderr));
      }
      if (outcome.timedOut) session.io.talk(`lobsterpot: the command was ended after ${seconds} s\n`);
      session.exit = outcome.exitCode;
    });
}

function fixOf(explained: Explanation, node: string, args: readonly string[], file: string): string {
  if (explained.instead !== undefined) return `lobsterpot exec ${node} -- ${[explained.instead, ...args].join(' ')}`;
  if (explained.yaml === undefined) return 'no rule can allow this safely; call another program';
  return `if it should run, add under nodes.${node}.exec.allow in ${file}:\n${explained.yaml}\nthen: lobsterpot up`;
}

/** A pipe gets the bytes; a terminal gets no escape sequences, because whoever is inside may have written them. */
function shown(terminal: boolean, text: string): string {
  return terminal ? plainText(text, MOST_SHOWN) : text;
}

/** OpenClaw compares rules with the resolved path; system folders are the same inside and outside. */
async function realPathOf(command: string | undefined): Promise<string | undefined> {
  if (command === undefined || !command.startsWith('/')) return undefined;
  return realpath(command).catch(() => undefined);
}

function badTimeout(text: string): Problem {
  return new Problem('cli/timeout', `--timeout takes seconds from 1 to 3600, not "${plainText(text, 20)}"`, {
    cause: 'it is not such a number',
    fix: 'lobsterpot exec NODE --timeout 60 -- COMMAND',
    exit: EXIT.usage,
  });
}
