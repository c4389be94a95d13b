import { posix } from 'node:path';

import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import type { FileState } from '../host.ts';

const TYPE = 0o170_000;
const DIRECTORY = 0o040_000;
const PLAIN = 0o100_000;

/** One line of the stat script; undefined when it is none, a string when the far side could not tell. */
export function parseState(line: string): FileState | string | undefined {
  if (line === 'absent') return { kind: 'absent' };
  if (line.startsWith('error ')) return line.slice('error '.length).trim();
  const match = /^(16|8) ([0-9a-f]+) (\d+) (\d+) (\d+(?:\.\d+)?) (-|[0-9a-f]{64})$/.exec(line);
  if (!match) return undefined;
  const [, base, raw = '', uid, gid, seconds, hash = '-'] = match;
  const whole = Number.parseInt(raw, Number(base));
  const known = { mode: whole & 0o7777, owner: { uid: Number(uid), gid: Number(gid) } };
  if ((whole & TYPE) === DIRECTORY) return { kind: 'directory', ...known };
  if ((whole & TYPE) !== PLAIN) return { kind: 'other' };
  return hash === '-' ? undefined : { kind: 'file', ...known, sha256: hash, mtimeMs: Number(seconds) * 1000 };
}

/** A file that cannot be looked at. */
export function readFailure(host: string, path: string, stderr: string): Problem {
  return new Problem('hosts/read', `cannot read ${path} on host ${host}`, {
    cause: lastLine(stderr),
    fix: `look at it there with: ls -ld ${path} ; log in as the user who made the deployment`,
  });
}

/** What stands where a plain file or a folder should be. */
export function notPlain(host: string, path: string, cause: string): Problem {
  return new Problem('hosts/not-plain', `refused to use ${path} on host ${host}`, {
    cause,
    fix: `look at it there with: ls -ld ${path} ; then move it away and run: lobsterpot up`,
  });
}

/** Why a file, a folder or a removal failed on the far side; the file before is still in place. */
export function writeFailure(host: string, path: string, stderr: string): Problem {
  const cause = lastLine(stderr);
  const folder = posix.dirname(path);
  if (/no space left|disk quota exceeded|file too large/i.test(stderr)) {
    return new Problem('hosts/disk-full', `no space left on host ${host} to write ${path}`, {
      cause: `${cause}; the old file is still in place`,
      fix: `free some there (df -h ${folder} ; df -i ${folder}), then run: lobsterpot up`,
    });
  }
  if (/read-only file ?system/i.test(stderr)) {
    return new Problem('hosts/read-only', `the disk of ${path} on host ${host} is read-only`, {
      cause,
      fix: `see why there (mount, dmesg), make it writable or choose another folder (dir: of that host), then run: lobsterpot up`,
    });
  }
  if (/operation not permitted|permission denied/i.test(stderr)) {
    return new Problem('hosts/write', `not allowed to write ${path} on host ${host}`, {
      cause,
      fix: `check there who owns it (ls -ld ${folder}) and let the user of the connection write to it, then run: lobsterpot up`,
    });
  }
  return new Problem('hosts/write', `cannot write ${path} on host ${host}`, {
    cause,
    fix: `look there at its folder (ls -ld ${folder}), then run: lobsterpot up`,
  });
}

/** The far side took too long. */
export function tooSlow(host: string, what: string): Problem {
  return new Problem('hosts/slow', `host ${host} took too long to ${what}`, {
    cause: 'its time limit passed; it was ended',
    fix: 'see there what keeps it busy (uptime, df -h), then run the same command again',
  });
}

function lastLine(stderr: string): string {
  return plainText(stderr.trim().split('\n').at(-1) ?? '', 500) || 'it said nothing';
}
