import { close, constants, open } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';

import { Problem } from '../core/problem.ts';
import { askStream } from './ask-stream.ts';

/** Bytes of `sockaddr_un.sun_path` without its final zero; macOS has 104 in all. */
const MOST_BYTES = { linux: 107, other: 103 } as const;

/**
 * Runs `use` with a path to the same socket that fits a Unix address. A longer path is reached through its open folder
 * (`/proc/self/fd/N/name`), which exists on Linux only: elsewhere it is a Problem. The short path is valid until `use` is done.
 */
export async function withSocketPath<T>(path: string, use: (short: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(path) <= (process.platform === 'linux' ? MOST_BYTES.linux : MOST_BYTES.other)) return use(path);
  const name = basename(path);
  if (process.platform !== 'linux' || Buffer.byteLength(name) > 64) {
    throw new Problem('hosts/socket-path', 'the path of a socket is too long for this system', {
      cause: `${path} has ${Buffer.byteLength(path)} bytes`,
      fix: 'set XDG_STATE_HOME to a folder with a shorter path, then run: lobsterpot up',
    });
  }
  const folder = await promisify(open)(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return await use(`/proc/self/fd/${folder}/${name}`);
  } finally {
    await promisify(close)(folder);
  }
}

/** Connects to a Unix socket within the time limit; rejects with the system's error (`ENOENT`, `ECONNREFUSED`) or `ETIMEDOUT`. */
export function connectUnix(path: string, limits: { readonly timeoutMs: number }): Promise<Socket> {
  return withSocketPath(
    path,
    (short) =>
      new Promise((resolve, reject) => {
        const socket = connect({ path: short });
        const fail = (error: Error): void => {
          clearTimeout(limit);
          socket.destroy();
          reject(error);
        };
        const limit = setTimeout(() => {
          fail(Object.assign(new Error(`no answer within ${limits.timeoutMs} ms`), { code: 'ETIMEDOUT' }));
        }, limits.timeoutMs);
        socket.once('error', fail);
        socket.once('connect', () => {
          clearTimeout(limit);
          socket.off('error', fail);
          resolve(socket);
        });
      }),
  );
}

/**
 * Sends one JSON line and gives the one line that answers it, at most `maxBytes` long (default 4 MiB), within the time limit.
 */
export async function askUnix(
  path: string,
  line: string,
  limits: { readonly timeoutMs: number; readonly maxBytes?: number },
): Promise<string> {
  return askStream(await connectUnix(path, limits), line, limits);
}
