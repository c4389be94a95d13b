import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';

import { Problem } from '../../core/problem.ts';
import type { FileState, Host } from '../host.ts';
import type { Connection, FarAnswer, FarScript } from './connection.ts';
import { notPlain, parseState, readFailure, tooSlow, writeFailure } from './file-answers.ts';
import {
  folderScript,
  linkScript,
  listScript,
  MOST_READ,
  readScript,
  removeScript,
  renameScript,
  statScript,
  writeScript,
} from './file-scripts.ts';

const LIMIT_MS = 60_000;
/** For content on a slow line: 16 MiB at half a megabit. */
const CONTENT_MS = 300_000;

/** The files of a host over its connection; each operation is one command there. */
export function farFiles(name: string, far: Connection): Omit<Host, 'name' | 'facts' | 'run' | 'pipe'> {
  async function execute(what: string, request: FarScript): Promise<FarAnswer> {
    const answer = await far.execute(request);
    if (answer.timedOut) throw tooSlow(name, what);
    return answer;
  }

  return {
    async stat(paths) {
      if (paths.length === 0) return [];
      const { stdout, stderr } = await execute('look at files', { script: statScript(paths), timeoutMs: LIMIT_MS, repeatable: true });
      const lines = stdout.toString('utf8').split('\n').slice(0, -1);
      return paths.map((path, at) => stateOr(name, path, lines[at] ?? '', stderr));
    },

    async read(path) {
      const { code, stdout, stderr } = await execute(`read ${path}`, {
        script: readScript(path),
        timeoutMs: CONTENT_MS,
        mostOutput: MOST_READ + 64,
        repeatable: true,
      });
      if (code !== 0) throw readFailure(name, path, stderr);
      const end = stdout.indexOf('\n');
      const [word, size] = stdout.toString('utf8', 0, Math.max(0, end)).split(' ');
      switch (word) {
        case 'absent':
          return undefined;
        case 'plain':
          // Grown while it was read: what came is not what was asked for.
          if (stdout.length - end - 1 > MOST_READ) throw notPlain(name, path, `it has more than ${MOST_READ} bytes`);
          return stdout.subarray(end + 1);
        case 'big':
          throw notPlain(name, path, `it has ${size} bytes, more than ${MOST_READ}`);
        case 'other':
          throw notPlain(name, path, 'it is not a plain file');
        default:
          throw readFailure(name, path, `an answer that cannot be read; ${stderr}`);
      }
    },

    async write(path, content, as) {
      const bytes = Buffer.from(content);
      const temporary = `.${posix.basename(path)}.${randomBytes(6).toString('hex')}.tmp`;
      const script = writeScript(path, bytes.length, temporary, as);
      const { code, stderr } = await execute(`write ${path}`, { script, input: bytes, timeoutMs: CONTENT_MS }).catch((error: unknown) => {
        throw unsure(name, path, error);
      });
      if (code !== 0) throw writeFailure(name, path, stderr);
    },

    async makeFolder(path, as) {
      const { code, stdout, stderr } = await execute(`make ${path}`, {
        script: folderScript(path, as),
        timeoutMs: LIMIT_MS,
        repeatable: true,
      });
      if (code !== 0) throw writeFailure(name, path, stderr);
      if (stdout.toString('utf8').startsWith('not-plain')) throw notPlain(name, path, 'something that is not a folder is in its place');
    },

    async list(path) {
      const { code, stdout, stderr } = await execute(`list ${path}`, { script: listScript(path), timeoutMs: LIMIT_MS, repeatable: true });
      if (code !== 0) throw readFailure(name, path, stderr);
      return stdout.toString('utf8').split('\0').slice(0, -1).toSorted();
    },

    async rename(from, to) {
      const { code, stderr } = await execute(`rename ${from}`, { script: renameScript(from, to), timeoutMs: LIMIT_MS });
      if (code !== 0) throw writeFailure(name, to, stderr);
    },

    async link(from, to) {
      const { code, stdout, stderr } = await execute(`link ${from}`, { script: linkScript(from, to), timeoutMs: LIMIT_MS });
      if (code !== 0) throw writeFailure(name, to, stderr);
      return !stdout.toString('utf8').startsWith('taken');
    },

    async remove(path) {
      const { code, stderr } = await execute(`remove ${path}`, { script: removeScript(path), timeoutMs: LIMIT_MS, repeatable: true });
      if (code !== 0) throw writeFailure(name, path, stderr);
    },
  };
}

function stateOr(name: string, path: string, line: string, stderr: string): FileState {
  const state = parseState(line);
  if (typeof state === 'object') return state;
  throw readFailure(name, path, state ?? `an answer that cannot be read; ${stderr}`);
}

/** Lost on the way: the file is the one before or the new one, and the person is told so. */
function unsure(name: string, path: string, error: unknown): unknown {
  if (!(error instanceof Problem) || error.code !== 'hosts/ssh-dropped') return error;
  return new Problem('hosts/ssh-dropped', `the connection to host ${name} broke off while ${path} was written`, {
    cause: `${error.why}; the file is the old one or the new one, never a part`,
    fix: error.fix,
    exit: error.exit,
    from: error,
  });
}
