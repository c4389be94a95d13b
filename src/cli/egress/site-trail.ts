import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { catchUp, openTrailIndex, witnessesOf, type TrailIndex } from '../../audit/index/trail-index.ts';
import type { Witness } from '../../audit/verify-trail.ts';
import type { Engine } from '../../converge/engine.ts';
import type { Site } from '../../converge/site.ts';
import { TRAIL } from './place.ts';
import { copyTrailOn } from './trail-copy.ts';

/** The folder of this machine that the trail of a host is read from: its own, or a copy that is brought on each time. */
export function trailFolderOf(engine: Engine, site: Site): string {
  return site.kind === 'process' ? join(site.root, TRAIL) : join(trails(engine), site.name);
}

/** Fetches what the gate has written since the last time. */
export async function bringUpToDate(engine: Engine, site: Site): Promise<void> {
  if (site.kind === 'process') return;
  await mkdir(trails(engine), { recursive: true, mode: 0o700 });
  await copyTrailOn(site.host, join(site.root, TRAIL), trailFolderOf(engine, site));
}

/** Asks the index of a host's trail, which is brought up to date before. Throws `TrailReplaced`. */
export async function indexOfSite<T>(engine: Engine, site: Site, ask: (index: TrailIndex) => Promise<T>): Promise<T> {
  await bringUpToDate(engine, site);
  using index = await openIndex(engine, site.name, trailFolderOf(engine, site));
  await catchUp(index);
  return await ask(index);
}

/** What is known of a host's trail from when it was read before, and where that is kept. */
export async function seenBefore(engine: Engine, host: string): Promise<{ readonly seen: readonly Witness[]; readonly kept: string }> {
  using index = await openIndex(engine, host, '');
  return { seen: witnessesOf(index), kept: join(trails(engine), `${host}*`) };
}

async function openIndex(engine: Engine, host: string, folder: string): Promise<TrailIndex> {
  await mkdir(trails(engine), { recursive: true, mode: 0o700 });
  return openTrailIndex(join(trails(engine), `${host}.sqlite`), folder);
}

function trails({ root }: Engine): string {
  return join(root, 'trails');
}
