import type { Command } from 'commander';

/** docs/cli.md: every command with its help, as the command line itself prints it. */
export function cliReference(program: Command): string {
  const commands = leaves(program, []);
  return [
    '# Commands',
    '',
    '<!-- Generated from src/cli by `npm run golden`. -->',
    '',
    'Results are written to stdout and everything else to stderr; `--json` makes the result one JSON document.',
    '',
    ...commands.map(({ path, command }) => `- [\`lobsterpot ${path.join(' ')}\`](#lobsterpot-${path.join('-')}): ${command.description()}`),
    '',
    ...commands.flatMap(({ path, command }) => [`## lobsterpot ${path.join(' ')}`, '', '```', helpText(command), '```', '']),
  ].join('\n');
}

type Leaf = { readonly path: readonly string[]; readonly command: Command };

function leaves(command: Command, path: readonly string[]): readonly Leaf[] {
  const below = command.commands.filter((one) => one.name() !== 'help');
  if (below.length === 0) return [{ path, command }];
  return below.flatMap((one) => leaves(one, [...path, one.name()]));
}

function helpText(command: Command): string {
  let out = '';
  // A terminal's width must not show in a file that CI compares.
  command.configureOutput({ writeOut: (text) => (out += text), getOutHelpWidth: () => 100, getOutHasColors: () => false });
  command.outputHelp();
  return out.trimEnd();
}
