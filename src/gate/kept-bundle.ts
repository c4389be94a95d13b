import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';

import { sha256 } from '../core/digest.ts';

/** A bundle and what it was made from: each file's path, relative to the package, and its SHA-256. */
export type Built = { readonly from: Readonly<Record<string, string>>; readonly text: string };

const kept = z.object({ from: z.record(z.string(), z.string()), text: z.string(), sha256: z.string() });

/**
 * What was built the last time, if every file that it was made from is byte for byte what it was; else it is built and kept, in `place`.
 * Where nothing can be written it is built each time.
 */
export async function keptBundle(place: string, root: string, build: () => Promise<Built>): Promise<string> {
  const last = await lastBuilt(place);
  if (last && isFresh(last, root)) return last.text;
  const built = await build();
  const temporary = `${place}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(dirname(place), { recursive: true });
    await writeFile(temporary, JSON.stringify({ ...built, sha256: sha256(built.text) }), { mode: 0o600, flag: 'wx' });
    await rename(temporary, place);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
  return built.text;
}

/** undefined: none, or one that was cut off or changed. */
async function lastBuilt(place: string): Promise<Built | undefined> {
  try {
    const { from, text, sha256: digest } = kept.parse(JSON.parse(await readFile(place, 'utf8')));
    return sha256(text) === digest ? { from, text } : undefined;
  } catch {
    return undefined;
  }
}

/** Read one after the other and at once: some eighty small files cost less so than by a pool of threads. */
function isFresh({ from }: Built, root: string): boolean {
  try {
    return Object.entries(from).every(([path, digest]) => sha256(readFileSync(join(root, path), 'utf8')) === digest);
  } catch {
    return false;
  }
}
