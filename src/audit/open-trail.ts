import { constants } from 'node:fs';
import { type FileHandle, lstat, open, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../core/json.ts';
import { Problem, reasonOf } from '../core/problem.ts';

// The gate's identity can write into this folder, and whoever reads it may be root: a link is not followed,
// a pipe not waited for, and only plain files are read.
const SAFELY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const MOST_ENTRIES = 10_000;

/** Something else lies where the gate keeps its trail; nothing of it was read. `file` is its name in the trail. */
export class NotATrail extends Problem {
  readonly file: string;

  constructor(path: string, file: string, cause: string) {
    super(
      'audit/not-a-trail',
      `the audit trail is broken: ${file} is something that is not a trail ${file === 'trail' ? 'folder' : 'file'}`,
      {
        cause,
        fix: `look at it with: ls -ld ${path} ; then move it away and run: lobsterpot egress log --verify`,
      },
    );
    this.file = file;
  }
}

/** A trail's folder, held open so that nobody can put another in its place meanwhile. */
export type TrailFolder = AsyncDisposable & {
  /** Names in the folder. */
  names(): Promise<readonly string[]>;
  /** A plain file and its size now; undefined when it is gone. The caller closes it. */
  open(name: string): Promise<{ readonly handle: FileHandle; readonly size: number } | undefined>;
};

/** Opens a trail's folder; undefined when there is none. */
export async function openTrailFolder(path: string): Promise<TrailFolder | undefined> {
  const handle = await openSafely(path, constants.O_DIRECTORY).catch((error: unknown) => {
    throw isStrange(error) ? new NotATrail(path, 'trail', 'it is a link, a file or a pipe') : unreadable(error);
  });
  if (!handle) return undefined;
  // Linux opens relative to the held folder; elsewhere the path is used, and looked at again after each opening.
  const base = process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : path;
  const assertSame = async (): Promise<void> => {
    if (base !== path) return;
    const [held, now] = [await handle.stat(), await lstat(path)];
    if (held.ino !== now.ino || held.dev !== now.dev) throw new NotATrail(path, 'trail', 'another folder was put in its place');
  };
  return {
    names: async () => {
      const names: string[] = [];
      for await (const { name } of await opendir(`${base}/`)) {
        names.push(name);
        if (names.length > MOST_ENTRIES) throw new NotATrail(path, 'trail', `it holds more than ${MOST_ENTRIES} files`);
      }
      await assertSame();
      return names;
    },
    open: async (name) => {
      const notATrail = (cause: string): NotATrail => new NotATrail(join(path, name), name, cause);
      const file = await openSafely(join(base, name)).catch((error: unknown) => {
        throw isStrange(error) ? notATrail('it is a link or a socket') : unreadable(error);
      });
      if (!file) return undefined;
      try {
        const stats = await file.stat();
        if (!stats.isFile()) throw notATrail('it is a folder, a pipe or a device');
        await assertSame();
        return { handle: file, size: stats.size };
      } catch (error) {
        await file.close();
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

function openSafely(path: string, more = 0): Promise<FileHandle | undefined> {
  return open(path, SAFELY | more).catch((error: unknown) => {
    if (isRecord(error) && error['code'] === 'ENOENT') return undefined;
    throw error;
  });
}

/** What opening a link, a socket, or a file as a folder ends with. */
function isStrange(error: unknown): boolean {
  return isRecord(error) && ['ELOOP', 'ENOTDIR', 'ENXIO', 'EOPNOTSUPP', 'ENODEV', 'EMLINK', 'EFTYPE'].includes(String(error['code']));
}

function unreadable(error: unknown): Problem {
  return new Problem('audit/trail-unreadable', 'the audit trail cannot be read', {
    cause: reasonOf(error),
    fix: 'run the command as the user who ran: lobsterpot up',
    from: error,
  });
}
