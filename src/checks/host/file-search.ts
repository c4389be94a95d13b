import { join, relative } from 'node:path';
import { plainText } from '../../core/plain-text.ts';
import { Problem, reasonOf } from '../../core/problem.ts';
import { fail, pass, unknown } from '../catalogue/judgement.ts';
import type { Judgement } from '../catalogue/judgement.ts';
import type { SecretProbe } from '../probes/subject.ts';
import type { ProofInput } from '../proof-input.ts';

type Place = Pick<ProofInput, 'host' | 'root' | 'services' | 'kind'>;

/** The files that were found, and why there may be more. */
export type FileList = { readonly paths: readonly string[]; readonly incomplete?: string };

const FIND_MS = 15_000;
const SEARCH_MS = 60_000;
const MOST_FILES = 20_000;

/** Every plain file of a deployment but the secrets themselves and OpenClaw's own state; links are not followed. */
export async function listFiles(place: Place): Promise<FileList> {
  const { host, root, services, kind } = place;
  const skip = [
    `${root}/secrets`,
    ...services.flatMap(({ name, role }) => [
      `${root}/services/${name}/secrets`,
      ...(role === 'gate' ? [] : [`${root}/services/${name}/state`]),
    ]),
  ];
  // Files in containers' hands are the engine's to read, and no program of the host can list them.
  if (kind === 'docker') return walk(place, new Set(skip));
  const skipped = skip.flatMap((path, index) => [...(index === 0 ? [] : ['-o']), '-path', path]);
  // Only names: a program that opens what find saw may find a pipe there by then. Names may hold line breaks.
  const found = await host.run(['find', root, '(', ...skipped, ')', '-prune', '-o', '-type', 'f', '-print0'], { timeoutMs: FIND_MS });
  const paths = found.stdout.split('\0');
  const cut = paths.pop();
  if (found.timedOut) return { paths, incomplete: 'listing the files took too long' };
  if (found.code !== 0)
    return { paths, incomplete: plainText(found.stderr.trim().split('\n')[0] ?? '', 200) || 'not every folder could be listed' };
  if (cut !== '' || paths.length > MOST_FILES) return { paths: [], incomplete: `there are more than ${MOST_FILES} files` };
  return { paths };
}

async function walk({ host, root }: Place, skip: ReadonlySet<string>): Promise<FileList> {
  const paths: string[] = [];
  const folders = [root];
  const endsAtMs = performance.now() + FIND_MS;
  for (let folder = folders.shift(); folder !== undefined; folder = folders.shift()) {
    if (performance.now() > endsAtMs) return { paths, incomplete: 'listing the files took too long' };
    const inside = folder;
    const below = (await host.list(inside)).map((name) => join(inside, name)).filter((path) => !skip.has(path));
    const states = await host.stat(below);
    below.forEach((path, index) => {
      if (states[index]?.kind === 'file') paths.push(path);
      if (states[index]?.kind === 'directory') folders.push(path);
    });
    if (paths.length > MOST_FILES) return { paths: [], incomplete: `there are more than ${MOST_FILES} files` };
  }
  return { paths };
}

/** Looks for each secret in each file. Only what was read counts; a file that could not be read whole leaves it open. */
export async function searchFiles({ host, root }: Place, list: FileList, probes: ReadonlyMap<string, SecretProbe>): Promise<Judgement> {
  if (probes.size === 0) return unknown('no secret is known to look for');
  const endsAtMs = performance.now() + SEARCH_MS;
  const found: string[] = [];
  const unread = list.incomplete === undefined ? [] : [list.incomplete];
  let read = 0;
  for (const path of list.paths) {
    if (performance.now() > endsAtMs) {
      unread.push('reading the files took too long');
      break;
    }
    const name = plainText(relative(root, path), 120);
    const text = await readText(host, path);
    if (text === undefined) continue;
    if (typeof text !== 'string') unread.push(`${name}: ${text.unread}`);
    else {
      read += 1;
      for (const [secret, probe] of probes) if (probe.isIn(text)) found.push(`secret ${secret} in ${name}`);
    }
  }
  if (found.length > 0) return fail(found.join(', '));
  const [first, ...more] = unread;
  if (first !== undefined) return unknown(`not read: ${first}${more.length > 0 ? `, and ${more.length} more` : ''}`);
  return read === 0 ? unknown('there is no file to look into') : pass(`${probes.size} secrets looked for in ${read} files`);
}

/** undefined: the file is gone since it was listed, as an old file of the trail may be. */
async function readText(host: Place['host'], path: string): Promise<string | undefined | { readonly unread: string }> {
  // A name that is not UTF-8 cannot be opened by what we made of it, and would pass for gone.
  if (path.includes('\u{fffd}')) return { unread: 'its name cannot be read' };
  try {
    const content = await host.read(path);
    return content && Buffer.from(content).toString('utf8');
  } catch (error) {
    return { unread: plainText(whyOf(error), 120) };
  }
}

function whyOf(error: unknown): string {
  return error instanceof Problem ? error.why : reasonOf(error);
}
