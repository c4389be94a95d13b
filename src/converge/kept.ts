import { join } from 'node:path';

import { z } from 'zod';

import { stableJson } from '../core/json.ts';
import { Problem } from '../core/problem.ts';
import type { ServiceState } from '../runtimes/runtime.ts';
import type { Change } from './change.ts';
import { hostRecordSchema } from './records.ts';
import type { HostRecord, Site } from './site.ts';
import { reasonLine } from './reason-line.ts';

const FOLDER = '.before';

const keptSchema = z.strictObject({
  version: z.literal(1),
  /** Paths, relative to the deployment's folder, of files that have a second name in `.before/files`. */
  files: z.array(z.string()),
  /** Where nothing was. */
  absent: z.array(z.string()),
  /** What ran, in the order in which it was started. */
  running: z.array(z.strictObject({ name: z.string(), spec: z.string().exactOptional(), sinceMs: z.number().exactOptional() })),
  /** What was on record of the host. */
  record: hostRecordSchema,
});

/** What lay and ran on a host before a run, kept there until the run is done. A second name for a file costs no space on a full disk. */
export type Kept = z.infer<typeof keptSchema>;

/** Where it is kept. */
type KeptAt = Pick<Site, 'name' | 'root' | 'host'>;

/** Paths that a plan's changes replace or remove on a host. Pure. */
export function touchedBy(changes: readonly Change[], host: string): readonly string[] {
  const paths = changes.flatMap((change): readonly string[] => {
    if (change.host !== host) return [];
    switch (change.kind) {
      case 'write-file':
      case 'place-secret':
      case 'withdraw-secret':
        return [change.path];
      case 'stop-service':
        return [`services/${change.service}/spec.json`];
      default:
        return [];
    }
  });
  return [...new Set(paths)];
}

/** Keeps what the paths hold now. What a run that was cut off kept is older, and stays. */
export async function keep(
  site: KeptAt,
  paths: readonly string[],
  now: { readonly services: readonly ServiceState[]; readonly order: readonly string[]; readonly record: HostRecord },
): Promise<void> {
  const before = await readKept(site);
  // Names that no list speaks of are of a keeping that was itself cut off: nothing had been changed yet.
  if (!before) await site.host.remove(join(site.root, FOLDER));
  else await keepAgain(site, before.files);
  const known = new Set([...(before?.files ?? []), ...(before?.absent ?? [])]);
  const fresh = paths.filter((path) => !known.has(path));
  if (before && fresh.length === 0) return;
  const states = await site.host.stat(fresh.map((path) => join(site.root, path)));
  const at = (kind: string): readonly string[] => fresh.filter((_, index) => states[index]?.kind === kind);
  for (const path of at('file')) await site.host.link(join(site.root, path), join(site.root, FOLDER, 'files', path));
  const kept: Kept = {
    version: 1,
    files: [...(before?.files ?? []), ...at('file')],
    absent: [...(before?.absent ?? []), ...at('absent')],
    running: before?.running ?? runningOf(now.services, now.order),
    record: before?.record ?? now.record,
  };
  await site.host.makeFolder(join(site.root, FOLDER), { mode: 0o700 });
  await site.host.write(join(site.root, FOLDER, 'kept.json'), stableJson(kept), { mode: 0o600 });
}

/** A run that was cut off while it went back has put files back already: they get their second names anew. */
async function keepAgain({ host, root }: KeptAt, files: readonly string[]): Promise<void> {
  const first = files.map((path) => join(root, path));
  const second = files.map((path) => join(root, FOLDER, 'files', path));
  const [now, kept] = await Promise.all([host.stat(first), host.stat(second)]);
  for (const [index, path] of first.entries()) {
    const name = second[index];
    if (name !== undefined && kept[index]?.kind === 'absent' && now[index]?.kind === 'file') await host.link(path, name);
  }
}

/** undefined: nothing is kept there. */
export async function readKept(site: KeptAt): Promise<Kept | undefined> {
  const path = join(site.root, FOLDER, 'kept.json');
  const content = await site.host.read(path);
  if (!content) return undefined;
  try {
    return keptSchema.parse(JSON.parse(Buffer.from(content).toString('utf8')));
  } catch (error) {
    throw new Problem('converge/kept', `what was kept of an earlier run on host ${site.name} cannot be understood`, {
      cause: `${path} is damaged, or from another version: ${reasonLine(error)}`,
      fix: `rm -r ${join(site.root, FOLDER)} on ${site.name} ; then: lobsterpot up`,
      from: error,
    });
  }
}

/** Puts every file back as it was kept. The second names become the first ones again: nothing is written. */
export async function putBack(site: KeptAt, kept: Kept): Promise<void> {
  for (const path of kept.files) await site.host.rename(join(site.root, FOLDER, 'files', path), join(site.root, path));
  for (const path of kept.absent) await site.host.remove(join(site.root, path));
}

/** Lets go of what was kept: old secrets are among it. */
export async function letGo(site: KeptAt): Promise<void> {
  await site.host.remove(join(site.root, FOLDER));
}

/** Which services have to be started again for what ran before to run, and which only run since. Pure. */
export function backFrom(
  kept: Kept,
  now: readonly ServiceState[],
): { readonly again: readonly string[]; readonly gone: readonly string[] } {
  const isUp = (one: ServiceState): boolean => one.state !== 'absent' && one.state !== 'stopped';
  const untouched = (one: Kept['running'][number]): boolean =>
    now.some((state) => state.name === one.name && state.state === 'healthy' && state.sinceMs === one.sinceMs && state.spec === one.spec);
  const before = new Set(kept.running.map((one) => one.name));
  return {
    again: kept.running.filter((one) => !untouched(one)).map((one) => one.name),
    gone: now.filter((one) => isUp(one) && !before.has(one.name)).map((one) => one.name),
  };
}

function runningOf(services: readonly ServiceState[], order: readonly string[]): Kept['running'] {
  const up = services.filter((one) => one.state !== 'absent' && one.state !== 'stopped');
  return up
    .toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
    .map(({ name, spec, sinceMs }) => ({
      name,
      ...(spec === undefined ? {} : { spec }),
      ...(sinceMs === undefined ? {} : { sinceMs }),
    }));
}
