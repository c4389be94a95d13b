import { ruleAllows } from '../../openclaw/exec-policy.ts';
import type { ExecRule } from '../../topology/deployment.ts';

/** A command that is tried on a node, and whether its rules let it pass. Only programs that change nothing are ever tried. */
export type Trial = { readonly name: string; readonly command: readonly string[]; readonly allowed: boolean };

/** Programs that only print something about the machine. */
const HARMLESS = ['/usr/bin/uname', '/usr/bin/id', '/usr/bin/whoami', '/usr/bin/hostname', '/bin/uname', '/usr/bin/date', '/bin/date', '/usr/bin/uptime', '/usr/bin/true', '/usr/bin/nproc'];
const PLAIN_ARGS = /^\^([\w ./:=-]*)\$$/;

/** The trials for one node's rules; exactly those whose outcome the rules determine. */
export function execTrials(rules: readonly ExecRule[]): readonly Trial[] {
  const allows = (command: readonly string[]): boolean => rules.some((rule) => ruleAllows(rule, command[0] ?? '', command.slice(1)));
  const known = rules.flatMap((rule) => {
    const command = harmlessCommand(rule);
    return command ? [command] : [];
  });
  const [first] = known;
  const refused: readonly (readonly [string, readonly string[]])[] = [
    ['a program without a rule', ['/usr/bin/id', '-un']],
    ['a shell', ['/bin/sh', '-c', first?.join(' ') ?? '/usr/bin/id']],
    ['a wrapper', ['/usr/bin/env', ...(first ?? ['/usr/bin/id'])]],
    ['a bare name', [(first?.[0] ?? '/usr/bin/id').replace(/^.*\//, ''), ...(first?.slice(1) ?? [])]],
    ['a path with dots', [`/usr/bin/../bin/${(first?.[0] ?? 'id').replace(/^.*\//, '')}`, ...(first?.slice(1) ?? [])]],
    ...known.map((command) => ['another argument', [command[0] ?? '', '--help']] as const),
    ...known.map((command) => ['an argument more', [...command, '--help']] as const),
    ...known.map((command) => ['a chain in an argument', [...command, '; /usr/bin/id']] as const),
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
