import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { Problem, reasonOf } from '../../core/problem.ts';
import { sha256 } from '../../core/digest.ts';

/** ssh binds a temporary name of 17 more characters first; macOS gives a socket's path 103 in all. */
const MOST = 103 - 17 - '/0123456789abcdef'.length;

/**
 * A private folder of short path for the sockets of shared connections, the same for every command of this user:
 * a command that follows within a minute finds the connection open.
 */
export function controlFolder(chosen?: string): string {
  const uid = process.getuid?.() ?? 0;
  const runtime = process.env['XDG_RUNTIME_DIR'];
  // Not the temporary folder of macOS: its path is too long for a socket.
  const folder = chosen ?? (runtime !== undefined && isOurs(runtime, uid) ? join(runtime, 'lobsterpot-ssh') : `/tmp/lobsterpot-ssh-${uid}`);
  try {
    if (!lstatSync(folder, { throwIfNoEntry: false })) mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (!isOurs(folder, uid)) throw new Error(`${folder} belongs to another user, is a link, or is open to others`);
    if (Buffer.byteLength(folder) > MOST) throw new Error(`${folder} is longer than ${MOST} bytes`);
  } catch (error) {
    throw new Problem('hosts/ssh-control', 'no private folder for the sockets of ssh', {
      cause: reasonOf(error),
      fix: `look at it with: ls -ld ${folder} ; remove it, then run the same command again`,
      from: error,
    });
  }
  return folder;
}

/** The socket's name: one for each way to a host, so that no two ever share a connection. */
export function controlName(way: readonly (string | number | undefined)[]): string {
  return sha256(JSON.stringify(way)).slice(0, 16);
}

function isOurs(folder: string, uid: number): boolean {
  const stats = lstatSync(folder, { throwIfNoEntry: false });
  return stats?.isDirectory() === true && stats.uid === uid && (stats.mode & 0o077) === 0;
}
