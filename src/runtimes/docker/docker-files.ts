import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

import * as z from 'zod/mini';

import { EXIT } from '../../core/exit-code.ts';
import { Problem } from '../../core/problem.ts';
import type { FileState, Host } from '../../hosts/host.ts';
import { writeFailure } from '../../hosts/ssh/file-answers.ts';
import type { DockerEngine } from './engine.ts';
import { fileSession, NO_IMAGE, NO_ROOT, type FileRequest } from './file-session.ts';
import { IMAGE_NODE } from './image-paths.ts';
import { csvField } from './once.ts';

const owner = z.object({ uid: z.number(), gid: z.number() });
const state = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('absent') }),
  z.object({ kind: z.literal('file'), mode: z.number(), owner, sha256: z.string(), mtimeMs: z.number() }),
  z.object({ kind: z.literal('directory'), mode: z.number(), owner }),
  z.object({ kind: z.literal('other') }),
]);
const states = z.array(state);
const surveyed = z.array(z.tuple([z.string(), state]));
const content = z.nullable(z.string());
const part = z.nullable(z.object({ size: z.number(), content: z.string() }));
const names = z.array(z.string());

/** A Host whose files below the deployment's folder are read and written as root in a container. Leave its scope, or wait a moment, and that is gone. */
export type DockerFiles = Host &
  AsyncDisposable & {
    /** What lies at each path, at every service's specification and every placed secret; paths are relative to the deployment's folder. */
    survey(paths: readonly string[]): Promise<ReadonlyMap<string, FileState>>;
  };

/**
 * The deployment's files belong to its services' own numbers, which a host's user may neither read nor give away: everything below
 * `root` goes through a throw-away container of `image` that sees that folder alone. Paths are absolute, as on the plain host.
 */
export function dockerFiles(engine: DockerEngine, image: string, root: string): DockerFiles {
  const { host } = engine;
  const session = fileSession(engine, (mayMake) => [
    ...containerArgs(root, mayMake),
    image,
    '--input-type=module',
    '--eval',
    program(),
    '/deployment',
  ]);
  const below = (path: string): string => {
    const inner = relative(root, path);
    if (inner.startsWith('..') || inner.startsWith('/')) throw new TypeError(`${path} is not below ${root}`);
    return inner;
  };
  const change = async (path: string, request: FileRequest): Promise<unknown> => {
    const { error, value } = await session.ask(request);
    if (!error || (error.code === NO_ROOT && request.op === 'remove')) return value;
    throw known(path, error) ?? writeFailure(host.name, path, error.message);
  };
  /** undefined: the deployment has no folder yet. */
  const question = async (path: string, request: FileRequest): Promise<unknown> => {
    const { error, value } = await session.ask(request);
    if (!error) return value;
    // Without the image nothing can be looked at: all of it is to be written, which changes nothing where it is there.
    if (error.code === NO_ROOT || (error.code === NO_IMAGE && request.op === 'survey')) return undefined;
    throw (
      known(path, error) ??
      new Problem('docker/read', `cannot read ${path} on host ${host.name}`, { cause: error.message, fix: 'lobsterpot up' })
    );
  };
  const known = (path: string, error: { readonly code: string; readonly message: string }): Problem | undefined => {
    if (error.code === 'not-plain') return notPlain(path, error.message);
    if (error.code !== NO_IMAGE) return undefined;
    return new Problem('docker/no-image', `host ${host.name} has no image ${image} to reach the deployment's files with`, {
      cause: error.message,
      fix: 'lobsterpot up, which brings the image first',
    });
  };
  return {
    ...host,
    stat: async (paths): Promise<readonly FileState[]> => {
      if (paths.length === 0) return [];
      const found = await question(root, { op: 'stat', paths: paths.map(below) });
      return found === undefined ? paths.map(() => ({ kind: 'absent' })) : states.parse(found);
    },
    survey: async (paths) => new Map(surveyed.parse((await question(root, { op: 'survey', paths })) ?? [])),
    list: async (path) => names.parse((await question(path, { op: 'list', path: below(path) })) ?? []).toSorted(),
    read: async (path) => {
      const found = content.parse((await question(path, { op: 'read', path: below(path) })) ?? null);
      return found === null ? undefined : Buffer.from(found, 'base64');
    },
    readFrom: async (path, offset) => {
      const found = part.parse((await question(path, { op: 'readFrom', path: below(path), offset })) ?? null);
      return found === null ? undefined : { size: found.size, bytes: Buffer.from(found.content, 'base64') };
    },
    write: async (path, text, { mode, owner }) =>
      void (await change(path, { op: 'write', path: below(path), content: Buffer.from(text).toString('base64'), mode, owner })),
    makeFolder: async (path, as) => {
      // The container cannot be started on a folder that is not there, and only the engine may make it where the user may not.
      if (below(path) === '' && as.owner === undefined && (await madeByUser(host, path, as.mode))) return;
      await change(path, { op: 'makeFolder', path: below(path), mode: as.mode, owner: as.owner });
    },
    remove: async (path) => void (await change(path, { op: 'remove', path: below(path) })),
    rename: async (from, to) => void (await change(to, { op: 'rename', path: below(from), to: below(to) })),
    link: async (from, to) => (await change(to, { op: 'link', path: below(from), to: below(to) })) === true,
    [Symbol.asyncDispose]: () => session.close(),
  };
}

async function madeByUser(host: Host, path: string, mode: number): Promise<boolean> {
  try {
    await host.makeFolder(path, { mode });
    return true;
  } catch (error) {
    if (error instanceof Problem && error.exit !== EXIT.unreachable && error.code !== 'hosts/not-plain') return false;
    throw error;
  }
}

/** Root with the rights to files and no other, no network, no log of what passes through. */
function containerArgs(root: string, mayMake: boolean): readonly string[] {
  return [
    'run',
    '--rm',
    // Looking at what is there must not fetch anything.
    '--pull=never',
    '--interactive',
    '--network=none',
    '--read-only',
    '--user=0:0',
    '--cap-drop=ALL',
    '--cap-add=CHOWN',
    '--cap-add=DAC_OVERRIDE',
    '--cap-add=FOWNER',
    '--security-opt=no-new-privileges',
    '--log-driver=none',
    ...(mayMake ? ['--volume', `${root}:/deployment`] : ['--mount', `type=bind,${csvField(`source=${root}`)},target=/deployment`]),
    `--entrypoint=${IMAGE_NODE}`,
  ];
}

function program(): string {
  return readFileSync(new URL('./inside/files.mjs', import.meta.url), 'utf8');
}

function notPlain(path: string, cause: string): Problem {
  return new Problem('hosts/not-plain', `refused to use ${path}`, {
    cause,
    fix: `look at it with: ls -ld ${path} ; then move it away and run: lobsterpot up`,
  });
}
