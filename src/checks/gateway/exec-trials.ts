import { ruleAllows } from '../../openclaw/exec-policy.ts';
import type { ExecRule } from '../../topology/deployment.ts';

/** A command that is tried on a node, and whether its rules let it pass. Only programs that change nothing are ever tried. */
export type Trial = { readonly name: string; readonly command: readonly string[]; readonly allowed: boolean };

/** Programs that only print something about the machine. */
const HARMLESS = [
  '/usr/bin/uname',
  '/usr/bin/id',
  '/usr/bin/whoami',
  '/usr/bin/hostname',
  '/bin/uname',
  '/usr/bin/date',
  '/bin/date',
  '/usr/bin/uptime',
  '/usr/bin/true',
  '/usr/bin/nproc',
];
const PLAIN_ARGS = /^\^([\w ./:=-]*)\$$/;

/** The trials for one node's rules; exactly those whose outcome the rules determine. */
export function execTrials(rules: readonly ExecRule[]): readonly Trial[] {
  const allows = (command: readonly string[]): boolean => rules.some((rule) => ruleAllows(rule, command[0] ?? '', command.slice(1)));
  const known = rules.flatMap((rule) => {
    const command = harmlessCommand(rule);
    return command ? [command] : [];
  });
  // What stands behind a shell, a wrapper or a detour is never itself allowed: OpenClaw looks through these, and may run an allowed one.
  const other =
    ['/usr/bin/id', '/usr/bin/whoami', '/usr/bin/uptime', '/usr/bin/nproc'].find((path) => !rules.some((rule) => rule.path === path)) ??
    '/usr/bin/false';
  const name = other.replace(/^.*\//, '');
  const refused: readonly (readonly [string, readonly string[]])[] = [
    ['a program without a rule', [other]],
    ['a shell', ['/bin/sh', '-c', other]],
    ['a wrapper', ['/usr/bin/env', other]],
    ['a bare name', [name]],
    ['a path with dots', [`/usr/bin/../bin/${name}`]],
    ...known.map((command) => ['a chain in a shell', ['/bin/sh', '-c', `${command.join(' ')}; ${other}`]] as const),
    ...known.map((command) => ['a substitution in a shell', ['/bin/sh', '-c', `${command.join(' ')} $(${other})`]] as const),
    ...known.map((command) => ['another argument', [command[0] ?? '', '--help']] as const),
    ...known.map((command) => ['an argument more', [...command, '--help']] as const),
    ...known.map((command) => ['a chain in an argument', [...command, `; ${other}`]] as const),
  ];
  return [
    ...known.map((command) => ({ name: 'an allowed command', command, allowed: true })),
    ...refused.filter(([, command]) => !allows(command)).map(([name, command]) => ({ name, command, allowed: false })),
  ];
}

/** The command that a rule is written for, when it is a harmless program with plain arguments. */
function harmlessCommand(rule: ExecRule): readonly string[] | undefined {
  if (!HARMLESS.includes(rule.path)) return undefined;
  const args = rule.args === undefined ? '' : PLAIN_ARGS.exec(rule.args)?.[1];
  if (args === undefined) return undefined;
  return [rule.path, ...args.split(' ').filter((part) => part !== '')];
}
