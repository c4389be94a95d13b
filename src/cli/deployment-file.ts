import { access, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { isRecord } from '../core/json.ts';
import { EXIT } from '../core/exit-code.ts';
import { Problem } from '../core/problem.ts';
import type { Workspace } from '../converge/workspace.ts';

const DEFAULT_FILE = 'lobsterpot.yaml';

/**
 * Which file a command works on: what `--file` says, else ./lobsterpot.yaml, else the file of the only
 * deployment that was brought up on this machine. Absolute.
 */
export async function findDeploymentFile(asked: string | undefined, workspace: Workspace): Promise<string> {
  if (asked !== undefined) return resolve(asked);
  const here = resolve(DEFAULT_FILE);
  if (await exists(here)) return here;
  const files = await knownFiles(workspace);
  const [only, ...others] = files;
  if (only !== undefined && others.length === 0) return only;
  throw new Problem('cli/no-file', only === undefined ? 'there is no deployment to work on' : 'several deployments are on this machine', {
    cause: only === undefined ? `no ${DEFAULT_FILE} here, and nothing was brought up on this machine yet` : files.join(', '),
    fix: only === undefined ? 'make one: npx lobsterpot init, or name it: lobsterpot up --file PATH' : 'say which one: --file PATH',
    exit: EXIT.usage,
  });
}

async function knownFiles(workspace: Workspace): Promise<readonly string[]> {
  const files = [...(await knownDeployments(workspace)).values()];
  const present = await Promise.all(files.map(async (file) => ((await exists(file)) ? [file] : [])));
  return present.flat().toSorted();
}

/** The deployments that were brought up on this machine: name -> the file that was last used, which may be gone. */
export async function knownDeployments(workspace: Workspace): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(workspace.deployments).catch(() => [])).filter((name) => /^[a-z][a-z0-9-]*$/.test(name));
  const all = await Promise.all(
    names.map(async (name) => [name, await fileOf(join(workspace.deployments, name, 'records.json'))] as const),
  );
  return new Map(all.flatMap(([name, file]) => (file === undefined ? [] : [[name, file] as const])));
}

async function fileOf(records: string): Promise<string | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(records, 'utf8'));
    return isRecord(value) && typeof value['file'] === 'string' ? value['file'] : undefined;
  } catch {
    // Damaged records are told when that deployment is opened, not while looking for a default.
    return undefined;
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
