import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { stableJson } from '../../core/json.ts';
import type { LyingImage } from '../../runtimes/docker/old-images.ts';
import type { Engine } from '../engine.ts';
import type { Base, HostRecord } from '../site.ts';
import type { Workspace } from '../workspace.ts';

const schema = z.strictObject({
  version: z.literal(1),
  /** Host -> the images that its services were run from. */
  hosts: z.record(z.string(), z.array(z.strictObject({ asked: z.string(), pinned: z.string(), openclaw: z.string() }))),
});

type Place = Pick<Engine, 'local' | 'root'>;
/** What of a host's site matters here. */
type OnHost = { readonly name: string; readonly base: Pick<Base, 'old'> };

/** An image on a host that no deployment of this user runs any more. */
export type OldImage = { readonly site: OnHost; readonly image: LyingImage };

/** Notes the images that services are about to be run from: these, and no others, are ever offered for removal. */
export async function noteImages(place: Place, hosts: Readonly<Record<string, Pick<HostRecord, 'image'>>>): Promise<void> {
  const known = await readUsed(place);
  const fresh = Object.entries(hosts).flatMap(([host, { image }]) => {
    if (!image || known[host]?.some((one) => one.pinned === image.pinned) === true) return [];
    const { asked, pinned, openclaw } = image;
    return [[host, { asked, pinned, openclaw }] as const];
  });
  if (fresh.length === 0) return;
  const all = { ...known, ...Object.fromEntries(fresh.map(([host, one]) => [host, [...(known[host] ?? []), one]])) };
  await place.local.write(pathOf(place.root), stableJson({ version: 1, hosts: all }), { mode: 0o600 });
}

/** The name of the image that a version was run from last; undefined: none was, or that was without containers. */
export async function imageOfVersion(place: Place, openclaw: string): Promise<string | undefined> {
  return Object.values(await readUsed(place))
    .flat()
    .findLast((one) => one.openclaw === openclaw)?.asked;
}

/** The images of the deployment's hosts that it used and neither it nor another one speaks of any more; the engine has the last word. */
export async function unusedImages(
  engine: Place & { sites(): Promise<ReadonlyMap<string, OnHost>> },
  { deployments }: Pick<Workspace, 'deployments'>,
): Promise<readonly OldImage[]> {
  const [used, spoken, sites] = await Promise.all([readUsed(engine), spokenOf(deployments), engine.sites()]);
  const found = await Promise.all(
    [...sites].map(async ([name, site]) => {
      const old = (used[name] ?? []).filter((one) => !spoken.some((text) => text.includes(one.pinned)));
      return old.length === 0 ? [] : ((await site.base.old?.find(old)) ?? []).map((image) => ({ site, image }));
    }),
  );
  return found.flat();
}

/** Removes them from their hosts. */
export async function removeImages(images: readonly OldImage[]): Promise<void> {
  for (const { site, image } of images) await site.base.old?.remove(image);
}

/** What cannot be understood tells of no image: then none is offered. */
async function readUsed({ local, root }: Place): Promise<z.infer<typeof schema>['hosts']> {
  const content = await local.read(pathOf(root));
  try {
    return schema.parse(JSON.parse(Buffer.from(content ?? []).toString('utf8'))).hosts;
  } catch {
    return {};
  }
}

/** What every deployment of this user has on record of its images, and what an upgrade that is not over goes back to. */
async function spokenOf(deployments: string): Promise<readonly string[]> {
  const names = (await readdir(deployments, { withFileTypes: true })).filter((one) => one.isDirectory()).map((one) => one.name);
  const files = names.flatMap((name) => ['records.json', 'upgrade.json'].map((file) => join(deployments, name, file)));
  return Promise.all(files.map((path) => readFile(path, 'utf8').catch(absentOr)));
}

function absentOr(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return '';
  throw error;
}

function pathOf(root: string): string {
  return join(root, 'images.json');
}
