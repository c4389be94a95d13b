import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { writeProblem } from '../hosts/local-files.ts';

/** What has secrets, keys or device tokens in it, below the deployment's folder. */
const PRIVATE = ['secrets', 'rotations', 'backups'];
const OTHERS = 0o077;

/**
 * Closes the deployment's own folder here, and the operator's secrets and backups in it, wherever a hand has opened them to others
 * (`chmod -R`, a copy). Gives the paths that were open.
 */
export async function closeOwn(root: string): Promise<readonly string[]> {
  const below = await Promise.all(PRIVATE.map(async (name) => [join(root, name), ...(await everythingIn(join(root, name)))]));
  const open: string[] = [];
  for (const path of [root, ...below.flat()]) if (await closed(path)) open.push(path);
  return open;
}

/** True: it was open. */
async function closed(path: string): Promise<boolean> {
  try {
    const state = await lstat(path);
    // A link has no mode of its own.
    if (state.isSymbolicLink() || (state.mode & OTHERS) === 0) return false;
    await chmod(path, state.mode & 0o700);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw writeProblem(path, error);
  }
}

async function everythingIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder, { recursive: true })).map((name) => join(folder, name));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw writeProblem(folder, error);
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
