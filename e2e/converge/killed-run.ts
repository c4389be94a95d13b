import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TYPED } from '../support/command-line.ts';

const HOOK = pathToFileURL(join(import.meta.dirname, 'die-at.mjs')).href;

/**
 * Where a run of the command line is killed: at the record of its journal that is counted to, or at the first that looks so; or while it
 * writes the first file that is called so.
 */
export type KillAt = { readonly record: number } | { readonly line: string } | { readonly file: string };

/** The argv, and what its environment needs, of a run that is killed there if it comes so far. */
export function killedRun(
  args: readonly string[],
  at: KillAt,
): { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const [program = '', ...rest] = TYPED;
  return { argv: [program, '--import', HOOK, ...rest, ...args], env: told(at) };
}

function told(at: KillAt): Readonly<Record<string, string>> {
  if ('record' in at) return { LOBSTERPOT_TEST_DIE_AT: String(at.record) };
  return 'line' in at ? { LOBSTERPOT_TEST_DIE_ON: at.line } : { LOBSTERPOT_TEST_DIE_WRITING: at.file };
}

/** The record that says that changes of a kind have begun, or are done; of one service, where it is named. */
export function changeLine(outcome: 'started' | 'done', kind: string, service = ''): string {
  const of = service === '' ? '' : `.*"service":"${service}"`;
  return `"kind":"${kind}"${of}.*"outcome":"${outcome}"`;
}
