import { randomBytes } from 'node:crypto';

import * as z from 'zod/mini';

import { sha256 } from '../../core/digest.ts';
import type { FileState } from '../../hosts/host.ts';
import type { EngineApi } from './engine-api.ts';
import { LABELS, LAYOUT, projectName } from './layout.ts';
import { tarEntries, type TarEntry } from './tar-entries.ts';

/** What lies in a deployment's folder, and the specifications that were read along the way, by service. */
export type QuickSurvey = { readonly files: ReadonlyMap<string, FileState>; readonly specs: ReadonlyMap<string, string> };

const AT = '/deployment';
const made = z.object({ Id: z.string().check(z.regex(/^[0-9a-f]{64}$/)) });
const pathStat = z.object({ mtime: z.string() });

/**
 * Reads a deployment's folder without starting anything: the engine itself writes an archive of what a container that is made, never
 * started and removed again would see. In the place of each folder that a service writes there it would see another, so that the
 * archive holds what lobsterpot placed and nothing more; `states` has the entry of each of those folders itself. Throws wherever this cannot be had in full; then the long way reads it.
 */
export async function quickSurvey(
  api: EngineApi,
  of: {
    readonly deployment: string;
    readonly root: string;
    readonly image: string;
    readonly states: ReadonlyMap<string, () => Promise<TarEntry>>;
  },
): Promise<QuickSurvey> {
  const services = [...of.states.keys()];
  const answer = await api.ask('POST', `/containers/create?name=${projectName(of.deployment)}-look-${randomBytes(4).toString('hex')}`, {
    Image: of.image,
    // Should somebody start it all the same.
    Entrypoint: ['/bin/false'],
    User: '65534:65534',
    Labels: { [LABELS.deployment]: of.deployment },
    NetworkDisabled: true,
    HostConfig: {
      NetworkMode: 'none',
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      LogConfig: { Type: 'none', Config: {} },
      Mounts: [bind(of.root, AT), ...services.map((name) => bind(`${of.root}/${LAYOUT.inside}`, `${AT}/${LAYOUT.state(name)}`))],
    },
  });
  if (answer.status !== 201) throw new Error(`the engine answered ${answer.status}`);
  const { files, specs } = await lookThrough(api, made.parse(JSON.parse(answer.body.toString('utf8'))).Id, services);
  // Last of all: they may be told later than everything else.
  const states = await Promise.all([...of.states].map(async ([name, entry]) => [LAYOUT.state(name), stateOf(await entry(), 0)] as const));
  return { files: new Map([...files, ...states]), specs };
}

/** Reads all that a container would see, and removes it. */
async function lookThrough(api: EngineApi, id: string, services: readonly string[]): Promise<QuickSurvey> {
  try {
    const archive = await api.ask('GET', archivePath(id, AT));
    if (archive.status !== 200) throw new Error(`the engine answered ${archive.status}`);
    const entries = placed(tarEntries(archive.body), services);
    const secrets = entries.filter(({ name, kind }) => kind === 'file' && /^services\/[^/]+\/secrets\/[^/]+$/.test(name));
    // An archive tells whole seconds; what a secret is compared with is exact.
    const times = new Map(await Promise.all(secrets.map(async ({ name }) => [name, await changedAt(api, id, name)] as const)));
    const files = entries.map((entry) => [entry.name, stateOf(entry, times.get(entry.name) ?? 0)] as const);
    const specs = services.map((name) => [name, entries.find((one) => one.name === LAYOUT.spec(name))?.content.toString('utf8')] as const);
    return {
      files: new Map(files),
      specs: new Map(specs.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const]))),
    };
  } finally {
    await api.ask('DELETE', `/containers/${id}?force=1&v=1`);
  }
}

/** One file as a container has it; undefined: there is none, or it is no plain file. */
export async function fileInside(api: EngineApi, container: string, path: string): Promise<string | undefined> {
  const { status, body } = await api.ask('GET', archivePath(container, path));
  const [entry] = status === 200 ? tarEntries(body, 1) : [];
  return entry?.kind === 'file' && entry.isWhole ? entry.content.toString('utf8') : undefined;
}

/** Path of the question for what a container has at a path, as an archive. */
function archivePath(container: string, path: string): string {
  return `/containers/${container}/archive?path=${encodeURIComponent(path)}`;
}

/** Entries of the archive as paths below the deployment's folder, without what stands in for the services' own folders. Pure. */
export function placed(entries: readonly TarEntry[], services: readonly string[]): readonly TarEntry[] {
  const hidden = services.map((name) => LAYOUT.state(name));
  const below = AT.slice(1);
  return entries.flatMap((entry) => {
    const plain = entry.name.replace(/\/$/, '');
    if (plain !== below && !plain.startsWith(`${below}/`)) throw new Error('an archive of something else');
    const name = plain.slice(below.length + 1);
    if (name === '' || hidden.some((one) => name === one || name.startsWith(`${one}/`))) return [];
    // Of a service that is not in the file any more: its own folder is read in full, or not at all.
    if (!entry.isWhole) throw new Error('an archive that is cut off');
    return [{ ...entry, name }];
  });
}

function stateOf({ kind, mode, uid, gid, content }: TarEntry, mtimeMs: number): FileState {
  const owner = { uid, gid };
  switch (kind) {
    case 'directory':
      return { kind, mode, owner };
    case 'file':
      return { kind, mode, owner, sha256: sha256(content), mtimeMs };
    case 'other':
      return { kind };
  }
}

async function changedAt(api: EngineApi, id: string, name: string): Promise<number> {
  const { status, headers } = await api.ask('HEAD', archivePath(id, `${AT}/${name}`));
  const told = Buffer.from(headers.get('x-docker-container-path-stat') ?? '', 'base64').toString('utf8');
  const at = status === 200 ? Date.parse(pathStat.parse(JSON.parse(told)).mtime) : Number.NaN;
  if (!Number.isFinite(at)) throw new Error('the engine does not tell when a file was changed');
  return at;
}

function bind(source: string, target: string): object {
  return { Type: 'bind', Source: source, Target: target, ReadOnly: true };
}
