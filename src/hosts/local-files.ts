import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, chown, link, lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { sha256 } from '../core/digest.ts';
import { Problem, reasonOf } from '../core/problem.ts';
import type { FileState, Owner } from './host.ts';

const SQLITE_FULL = 13;
const MOST_READ = 16 * 1024 * 1024;

/** What is at `path`, without following a link at its end. */
export async function statFile(path: string): Promise<FileState> {
  const stats = await lstat(path).catch(absentOr);
  if (!stats) return { kind: 'absent' };
  const owner = { uid: stats.uid, gid: stats.gid };
  const mode = stats.mode & 0o7777;
  if (stats.isDirectory()) return { kind: 'directory', mode, owner };
  if (!stats.isFile()) return { kind: 'other' };
  const content = await readFileBounded(path);
  if (!content) return { kind: 'absent' };
  return { kind: 'file', mode, owner, sha256: sha256(content), mtimeMs: stats.mtimeMs };
}

/** The content of a plain file (never through a link); undefined when it is absent. */
export async function readFileBounded(path: string): Promise<Buffer | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(absentOr);
  if (!file) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw notPlain(path, 'it is not a plain file');
    if (stats.size > MOST_READ) throw notPlain(path, `it has ${stats.size} bytes, more than ${MOST_READ}`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/**
 * Replaces `path` in one step: a new file beside it with the final mode and owner, flushed to disk, then renamed over it.
 * A crash or a full disk leaves the old content.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  as: { readonly mode: number; readonly owner?: Owner },
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      if (as.owner) await file.chown(as.owner.uid, as.owner.gid);
      await file.chmod(as.mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeProblem(path, error);
  }
}

/** Makes a folder (parents 0700) and gives it this mode and owner; a link or a file in its place is refused. */
export async function makeFolder(path: string, as: { readonly mode: number; readonly owner?: Owner }): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    // Not recursive for the last part: mkdir(recursive) would give the mode to missing parents too.
    await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    const stats = await lstat(path);
    if (!stats.isDirectory()) throw notPlain(path, 'something that is not a folder is in its place');
    if (as.owner && (stats.uid !== as.owner.uid || stats.gid !== as.owner.gid)) await chown(path, as.owner.uid, as.owner.gid);
    if ((stats.mode & 0o7777) !== as.mode) await chmod(path, as.mode);
  } catch (error) {
    throw error instanceof Problem ? error : writeProblem(path, error);
  }
}

/** `Host.rename` here. */
export async function renamePath(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    throw writeProblem(to, error);
  });
}

/** `Host.link` here. */
export async function linkFile(from: string, to: string): Promise<boolean> {
  try {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw writeProblem(to, error);
  }
}

function absentOr(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw new Problem('hosts/read', 'a file of the deployment cannot be read', {
    cause: error.message,
    fix: 'run lobsterpot as the user who made the deployment',
    from: error,
  });
}

function notPlain(path: string, cause: string): Problem {
  return new Problem('hosts/not-plain', `refused to use ${path}`, {
    cause,
    fix: `look at it with: ls -ld ${path} ; then move it away and run: lobsterpot up`,
  });
}

/** What a failed write is told as: a full disk or missing rights are no bug. */
export function writeProblem(path: string, error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // SQLite has numbers of its own.
  const full = error instanceof Error && 'errcode' in error && error.errcode === SQLITE_FULL;
  if (full || code === 'ENOSPC' || code === 'EDQUOT') {
    return new Problem('hosts/disk-full', `no space left to write ${path}`, {
      cause: `${reasonOf(error)}; the old file is still in place`,
      fix: `free some space on that disk (df -h ${dirname(path)}), then run: lobsterpot up`,
      from: error,
    });
  }
  return new Problem('hosts/write', `cannot write ${path}`, {
    cause: reasonOf(error),
    fix: `check who owns it (ls -ld ${dirname(path)}) and run lobsterpot as that user`,
    from: error,
  });
}

/** Names in a folder, sorted; none when it is absent. */
export async function listFolder(path: string): Promise<readonly string[]> {
  const names: readonly string[] = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.toSorted();
}
