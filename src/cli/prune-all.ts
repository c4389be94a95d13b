import { basename } from 'node:path';

import { findPrunable, removePrunable, type Prunable } from '../converge/backup/find-prunable.ts';
import { takeHostLocksThere } from '../converge/host-lock.ts';
import { takeLock } from '../converge/lock.ts';
import { workspaceFrom } from '../converge/workspace.ts';
import { parseDuration } from '../core/duration.ts';
import { EXIT, type ExitCode } from '../core/exit-code.ts';
import { stableJson } from '../core/json.ts';
import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';
import { cancelled, confirm } from './confirm.ts';
import { openContext } from './context.ts';
import { formatBytes } from './describe-backup.ts';
import { table, type Io } from './io.ts';

const KEEP = 3;
const COMMAND = 'lobsterpot prune';

type Options = {
  readonly file?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly keep?: string;
  readonly olderThan?: string;
};

/** `prune`: shows what would go, asks, and removes it. */
export async function prune(io: Io, options: Options): Promise<ExitCode> {
  const rule = ruleOf(options);
  const { engine } = await openContext(io, options.file, true);
  await using _lock = await takeLock(engine.root, COMMAND, () => undefined);
  // A state that was moved aside may be what another machine's restore still needs.
  await using _hosts = await takeHostLocksThere(engine, [...(await engine.sites()).values()], COMMAND);
  const found = await findPrunable(engine, workspaceFrom(process.env), rule, Date.now());
  const rows = rowsOf(found);
  if (rows.length > 0 && options.yes !== true) {
    io.talk(table(rows));
    if (!(await confirm('remove this for good?'))) throw cancelled('not pruned');
  }
  await removePrunable(engine, found);
  if (options.json === true) io.out(stableJson({ removed: rows.map(([kind, service, name]) => ({ kind, service, name })) }));
  else io.out(rows.length === 0 ? 'nothing to remove\n' : `removed:\n${table(rows)}`);
  return EXIT.ok;
}

function rowsOf({ backups, asides, runtimes, images }: Prunable): readonly (readonly string[])[] {
  return [
    ...backups.map((one) => ['backup', one.service, one.id, formatBytes(one.bytes)]),
    ...asides.map(({ target, aside }) => ['moved aside', target.service, aside.stamp, formatBytes(aside.bytes)]),
    ...runtimes.map((path) => ['openclaw', '-', basename(path), '']),
    ...images.map(({ site, image }) => ['image', site.name, image.asked, formatBytes(image.bytes)]),
  ];
}

function ruleOf({ keep, olderThan }: Options): { readonly keep: number; readonly olderThanMs?: number } {
  const number = keep === undefined ? KEEP : Number(keep);
  if (!Number.isInteger(number) || number < 1 || number > 10_000) throw bad('--keep', 'a whole number from 1', keep ?? '', '--keep 3');
  if (olderThan === undefined) return { keep: number };
  const olderThanMs = parseDuration(olderThan);
  if (olderThanMs === undefined) throw bad('--older-than', 'a time like 12h or 30d', olderThan, '--older-than 30d');
  // With a time alone, only the newest is kept whatever its age.
  return { keep: keep === undefined ? 1 : number, olderThanMs };
}

function bad(option: string, what: string, given: string, example: string): Problem {
  return new Problem('cli/value', `${option} takes ${what}, not "${plainText(given, 20)}"`, {
    cause: 'the value cannot be read',
    fix: `lobsterpot prune ${example}`,
    exit: EXIT.usage,
  });
}
