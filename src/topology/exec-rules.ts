import { isRecord } from '../core/json.ts';
import { riskyBinary } from '../policy/risky-binaries.ts';
import type { ExecRule, Warning } from './deployment.ts';
import { text } from './loose-view.ts';
import { type KeyPath, type Mistake, pathText } from './mistake.ts';
import type { NodeInput } from './schema.ts';

type Entry = NodeInput['exec']['allow'][number];

/** What is wrong with the programs a node may run. */
export function checkExec(node: string, entries: readonly unknown[]): readonly Mistake[] {
  return entries.flatMap((entry, at) => {
    if (!isRecord(entry)) return [];
    const place = ['nodes', node, 'exec', 'allow', at];
    const { path } = text(entry, 'path');
    const { args } = text(entry, 'args');
    return [...(path === undefined ? [] : checkPath([...place, 'path'], path)), ...checkArgs([...place, 'args'], args)];
  });
}

/** The rules of a node as its OpenClaw gets them. */
export function execRules(entries: readonly Entry[]): readonly ExecRule[] {
  return entries.map(({ path, args }) => (args === undefined ? { path } : { path, args }));
}

/** Entries that are valid and open more than they seem to. */
export function execWarnings(node: string, entries: readonly Entry[]): readonly Warning[] {
  return entries.flatMap((entry, at) => {
    const path = pathText(['nodes', node, 'exec', 'allow', at]);
    return [...riskWarning(path, entry), ...argsWarning(path, entry), ...overruledWarning(path, entry, entries)];
  });
}

function checkPath(path: KeyPath, written: string): readonly Mistake[] {
  const refuse = (cause: string, change: string): readonly Mistake[] => [
    { code: 'exec', path, what: 'not the path of one program', cause, change },
  ];
  if (/\p{Cc}/u.test(written)) return refuse('it has a control character in it', 'write the path in plain characters');
  if (!written.startsWith('/'))
    return refuse(
      'it does not begin with /; OpenClaw never runs a bare name from this list',
      'write the absolute path, which `command -v NAME` prints',
    );
  if (/[*?[\]{}]/.test(written)) return refuse('it has a wildcard in it', 'write one entry for each program');
  if (/\s/.test(written)) return refuse('it has a space in it; arguments go into args', 'write the path alone');
  if (
    written
      .split('/')
      .slice(1)
      .some((part) => part === '' || part === '.' || part === '..')
  ) {
    return refuse('it has an empty part, `.` or `..` in it, or ends with /', 'write the path without detours');
  }
  return [];
}

function checkArgs(path: KeyPath, written: string | undefined): readonly Mistake[] {
  if (written === undefined) return [];
  try {
    // Without the u flag: that is how OpenClaw compiles it.
    new RegExp(written);
    return [];
  } catch (thrown) {
    const cause = (thrown instanceof Error ? thrown.message.split(': ').at(-1) : undefined) ?? 'it cannot be read';
    return [
      {
        code: 'exec',
        path,
        what: 'not a regular expression',
        cause: cause.toLowerCase(),
        change: 'correct it; a literal . * + ? ( ) [ ] { } has a \\ before it',
      },
    ];
  }
}

function riskWarning(path: string, entry: Entry): readonly Warning[] {
  const risk = riskyBinary(entry.path);
  if (!risk || (entry.args !== undefined && risk.always !== true)) return [];
  if (risk.always) {
    return [{ path, message: `${entry.path} ${risk.does}, whatever args says`, fix: 'list the program that is really needed instead' }];
  }
  return [{ path, message: `${entry.path} without args ${risk.does}`, fix: 'add args: with a regular expression such as "^-n$"' }];
}

function argsWarning(path: string, entry: Entry): readonly Warning[] {
  const { args } = entry;
  if (args === undefined || tied(args)) return [];
  return [
    {
      path: `${path}.args`,
      message: `${args} also matches inside longer arguments`,
      fix: 'begin it with ^ and end it with $; put alternatives into a group: ^(a|b)$',
    },
  ];
}

/** True when the expression says something of the whole line: `^a|b$` does not, nor does `^a\\$`. */
function tied(args: string): boolean {
  const plain = args.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]/g, 'x');
  if (!plain.startsWith('^') || !plain.endsWith('$')) return false;
  let depth = 0;
  for (const one of plain) {
    if (one === '(') depth += 1;
    else if (one === ')') depth -= 1;
    else if (one === '|' && depth === 0) return false;
  }
  return true;
}

function overruledWarning(path: string, entry: Entry, entries: readonly Entry[]): readonly Warning[] {
  if (entry.args === undefined || !entries.some((one) => one.path === entry.path && one.args === undefined)) return [];
  return [
    { path, message: `another entry for ${entry.path} has no args, so any arguments may follow`, fix: 'remove the entry without args' },
  ];
}
