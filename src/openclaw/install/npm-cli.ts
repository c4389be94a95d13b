import { realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { Problem } from '../../core/problem.ts';

/** What the search looks at; tests put another file system in its place. */
export type Surroundings = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Resolves links; undefined when there is no such file. */
  readonly realFile: (path: string) => Promise<string | undefined>;
};

const HERE: Surroundings = {
  env: process.env,
  realFile: async (path) => {
    try {
      const real = await realpath(path);
      return (await stat(real)).isFile() ? real : undefined;
    } catch {
      return undefined;
    }
  },
};

/** npm's program file, to be run by our own Node (npm's own may be too old for OpenClaw). Throws a Problem when there is none. */
export async function findNpm(around: Surroundings = HERE): Promise<string> {
  for (const candidate of candidates(around.env)) {
    const file = await around.realFile(candidate);
    // A wrapper (a shell script, a version manager's shim) is not JavaScript that Node could run.
    if (file !== undefined && /(^|[/\\])npm-cli\.c?js$/.test(file)) return file;
  }
  throw new Problem('openclaw/npm', 'npm was not found', {
    cause: 'OpenClaw is installed by npm, and none lies on PATH or beside a node on PATH',
    fix: 'install Node with npm (any version from 20 on), then run the command again',
  });
}

/** Where npm may lie, best first. */
export function candidates(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  return [
    // Set when npm or npx started us: the very npm the person uses. Other package managers set it to themselves.
    ...(env['npm_execpath'] === undefined ? [] : [env['npm_execpath']]),
    ...folders.map((folder) => join(folder, 'npm')),
    ...folders.map((folder) => join(dirname(folder), 'lib/node_modules/npm/bin/npm-cli.js')),
    '/usr/local/lib/node_modules/npm/bin/npm-cli.js',
    '/opt/homebrew/lib/node_modules/npm/bin/npm-cli.js',
    '/usr/share/nodejs/npm/bin/npm-cli.js',
    '/usr/lib/node_modules/npm/bin/npm-cli.js',
  ];
}
