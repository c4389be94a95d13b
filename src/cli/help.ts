import type { Command } from 'commander';

import { EXIT } from '../core/exit-code.ts';

const MEANING = {
  ok: 'done, or nothing to do',
  findings: 'findings, or a change that failed',
  changes: 'changes or drift are present',
  usage: 'wrong usage, or an invalid file',
  unreachable: 'a host or a service cannot be reached',
  locked: 'another lobsterpot is at work on the deployment',
  bug: 'a bug in lobsterpot',
  cancelled: 'you said no, or pressed Ctrl-C',
} as const;

/** Adds the options that every command has and the exit codes that this one uses. */
export function standard(command: Command, codes: readonly (keyof typeof EXIT)[]): Command {
  const used = (['ok', ...codes, 'usage', 'bug'] as const).filter((code, index, all) => all.indexOf(code) === index);
  const lines = used.toSorted((a, b) => EXIT[a] - EXIT[b]).map((code) => `  ${String(EXIT[code]).padEnd(4)} ${MEANING[code]}`);
  return command.option('--json', 'print one JSON document on stdout').addHelpText('after', `\nEXIT STATUS\n${lines.join('\n')}`);
}

/** Adds `--file`, for the commands that work on a deployment. */
export function withFile(command: Command): Command {
  return command.option(
    '-f, --file <path>',
    "the deployment's file (default: ./lobsterpot.yaml, else the only deployment on this machine)",
  );
}
