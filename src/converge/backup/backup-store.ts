import { createReadStream } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { stableJson } from '../../core/json.ts';
import { Problem, reasonOf } from '../../core/problem.ts';
import type { Host } from '../../hosts/host.ts';
import { writeProblem } from '../../hosts/local-files.ts';

const manifestSchema = z.strictObject({
  version: z.literal(1),
  service: z.string(),
  host: z.string(),
  /** When it was made. */
  at: z.iso.datetime(),
  /** What the user typed. */
  command: z.string(),
  /** The version that made it, and that of its state database. */
  openclaw: z.string(),
  schema: z.number(),
  bytes: z.number(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** A backup that was restored once to see that it can be. `id` names it among those of its service. */
export type Backup = Manifest & { readonly id: string; readonly archive: string };

/** The operator's own machine and the deployment's folder there. */
export type Keeping = { readonly local: Host; readonly root: string };

const PARTIAL = '.partial';
const ARCHIVE = '.tar.gz';
const ID = /^\d{4}-\d\d-\d\dT[\d-]{1,20}Z$/;

/** A name for what is made now; sorts by time. */
export function stampOf(at: Date): string {
  return at.toISOString().replaceAll(/[:.]/g, '-');
}

/** The folder of one service's backups, or of all. */
export function backupFolder(root: string, service = ''): string {
  return join(root, 'backups', service);
}

/** Every backup of a service, newest first. What has no readable manifest is none: it was never tried. */
export async function listBackups({ local, root }: Keeping, service: string): Promise<readonly Backup[]> {
  const folder = backupFolder(root, service);
  const ids = (await local.list(folder)).flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : []));
  const found = await Promise.all(
    ids
      .filter((id) => ID.test(id))
      .map(async (id): Promise<readonly Backup[]> => {
        const manifest = parseManifest(await local.read(join(folder, `${id}.json`)));
        const archive = join(folder, `${id}.tar.gz`);
        const [state] = await local.stat([archive]).catch(() => []);
        return manifest?.service === service && state?.kind !== 'absent' ? [{ ...manifest, id, archive }] : [];
      }),
  );
  return found.flat().toSorted((a, b) => (a.id < b.id ? 1 : -1));
}

function parseManifest(content: Uint8Array | undefined): Manifest | undefined {
  try {
    return manifestSchema.parse(JSON.parse(Buffer.from(content ?? []).toString('utf8')));
  } catch {
    return undefined;
  }
}

/** Writes the archive, then, when `check` lets it pass, the manifest that makes it a backup. Nothing stays of one that does not come whole. */
export async function storeBackup(
  { local, root }: Keeping,
  manifest: Manifest,
  content: AsyncIterable<Uint8Array>,
  sha256Of: (path: string) => Promise<string>,
): Promise<Backup> {
  const id = stampOf(new Date(manifest.at));
  const folder = backupFolder(root, manifest.service);
  const archive = join(folder, `${id}.tar.gz`);
  const temporary = join(folder, `.${id}${PARTIAL}`);
  await local.makeFolder(folder, { mode: 0o700 });
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      for await (const part of content) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    if ((await sha256Of(temporary)) !== manifest.sha256) throw damaged(manifest.service, 'other bytes arrived than were tried');
    await rename(temporary, archive);
    await local.write(join(folder, `${id}.json`), stableJson(manifest), { mode: 0o600 });
  } catch (error) {
    for (const path of [temporary, archive]) await rm(path, { force: true }).catch(() => undefined);
    throw error instanceof Problem ? error : writeProblem(archive, error);
  }
  return { ...manifest, id, archive };
}

/** The bytes of a backup. */
export function readBackup(backup: Backup): AsyncIterable<Uint8Array> {
  return createReadStream(backup.archive);
}

/** Removes a backup; its manifest first, so that half of one never counts. */
export async function removeBackup({ local, root }: Keeping, { service, id }: Backup): Promise<void> {
  for (const kind of ['json', 'tar.gz']) await local.remove(join(backupFolder(root, service), `${id}.${kind}`));
}

/** Removes the beginnings of backups that a run that was cut off left; the caller holds the deployment's lock. */
export async function removePartial({ root }: Keeping, service: string): Promise<void> {
  const folder = backupFolder(root, service);
  const all = await readdir(folder).catch(() => []);
  for (const name of all.filter((one) => isBeginning(one, all))) await rm(join(folder, name), { force: true });
}

/** Half an archive, half a manifest, or an archive whose manifest was never written. What has a manifest that cannot be read stays. */
function isBeginning(name: string, all: readonly string[]): boolean {
  if (name.endsWith(PARTIAL) || /^\..*\.tmp$/.test(name)) return true;
  const id = name.endsWith(ARCHIVE) ? name.slice(0, -ARCHIVE.length) : '';
  return ID.test(id) && !all.includes(`${id}.json`);
}

/** The digest of a file of any size. */
export async function digestOf(path: string): Promise<string> {
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  try {
    for await (const block of createReadStream(path)) hash.update(block);
  } catch (error) {
    throw damaged(path, reasonOf(error));
  }
  return hash.digest('hex');
}

function damaged(of: string, cause: string): Problem {
  return new Problem('backup/damaged', `the backup of ${of} is not whole`, { cause, fix: 'make another one: lobsterpot backup' });
}
