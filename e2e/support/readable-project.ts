import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '../..');
const BIND = 'mount --bind "$1" "$2"; mount --bind "$3" "$4"; shift 4; exec "$@"';

/** The project and this Node where every user can read them, for what is started under `prefix`. */
export type ReadableProject = Disposable & {
  readonly prefix: readonly string[];
  readonly node: string;
  /** Where a file of the project is seen. */
  at(path: string): string;
};

/** Binds them to a folder of the temporary directory in a mount namespace: a clone may lie in root's home. Needs root. */
export function readableProject(): ReadableProject {
  const top = mkdtempSync(join(tmpdir(), 'lobsterpot-readable-'));
  chmodSync(top, 0o755);
  const [project, node] = [join(top, 'project'), join(top, 'node')];
  for (const folder of [project, node]) mkdirSync(folder);
  const nodeFolder = dirname(process.execPath);
  return {
    prefix: ['unshare', '--mount', '--propagation', 'private', '/bin/sh', '-ec', BIND, 'sh', PROJECT, project, nodeFolder, node],
    node: join(node, relative(nodeFolder, process.execPath)),
    at: (path) => join(project, relative(PROJECT, path)),
    [Symbol.dispose]: () => rmSync(top, { recursive: true, force: true }),
  };
}
