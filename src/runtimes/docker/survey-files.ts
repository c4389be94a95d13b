import * as z from 'zod/mini';

import type { FileState } from '../../hosts/host.ts';
import type { DockerFiles } from './docker-files.ts';
import type { DockerEngine, QuickWay } from './engine.ts';
import type { KnownSpecs } from './known-specs.ts';
import { containerName, INSIDE, LAYOUT } from './layout.ts';
import { quickSurvey } from './quick-survey.ts';
import { tarEntries, type TarEntry } from './tar-entries.ts';

type Asked = {
  readonly engine: DockerEngine;
  readonly files: DockerFiles;
  readonly deployment: string;
  readonly root: string;
  readonly image: string;
  readonly specs: KnownSpecs;
};

const mounted = z.object({ Mounts: z.array(z.object({ Destination: z.string(), Source: z.optional(z.string()) })) });

/**
 * What lies at each path, at every specification and every placed secret. The short way starts nothing; where it does not give all of
 * it, a container of its own reads the files.
 */
export async function surveyFiles(asked: Asked, paths: readonly string[]): Promise<ReadonlyMap<string, FileState>> {
  const { quick } = asked.engine;
  const found = quick?.api.isOpen() === true ? await quickly(quick, asked, paths).catch(() => undefined) : undefined;
  return found ?? asked.files.survey(paths);
}

async function quickly(
  quick: QuickWay,
  { deployment, root, image, specs }: Asked,
  paths: readonly string[],
): Promise<ReadonlyMap<string, FileState>> {
  const services = paths.flatMap((path) => /^services\/([^/]+)\/state$/.exec(path)?.[1] ?? []);
  if (services.length === 0) throw new Error('nothing is known of what lies there');
  const states = await Promise.all(
    services.map(async (name) => {
      const container = containerName(deployment, name);
      const { Mounts } = mounted.parse(await quick.api.json(`/containers/${container}/json`));
      // A container that somebody made anew may see another folder there.
      const isOwn = Mounts.some((one) => one.Destination === INSIDE.state && one.Source === `${root}/${LAYOUT.state(name)}`);
      if (!isOwn) throw new Error(`it is not known whose the folder of ${name} is`);
      return [name, () => stateOf(quick, name, container)] as const;
    }),
  );
  const found = await quickSurvey(quick.api, { deployment, root, image, states: new Map(states) });
  for (const [service, text] of found.specs) specs.learn(service, text);
  const wanted = new Set(paths);
  return new Map(
    [...found.files].filter(([path]) => wanted.has(path) || /^services\/[^/.][^/]*\/(spec\.json|secrets\/[^/.][^/]*)$/.test(path)),
  );
}

async function stateOf({ headers }: QuickWay, name: string, container: string): Promise<TarEntry> {
  const folder = stateFolder((await headers).get(container));
  if (!folder) throw new Error(`it is not known whose the folder of ${name} is`);
  return folder;
}

/** The first entry of the engine's answer for a service's own folder; undefined: that is not what it holds. Pure. */
export function stateFolder(answer: Buffer | undefined): TarEntry | undefined {
  const end = answer?.indexOf('\r\n\r\n') ?? -1;
  if (!answer || end < 0 || !/^HTTP\/1\.[01] 200\b/.test(answer.toString('latin1', 0, 20))) return undefined;
  const [entry] = tarEntries(answer.subarray(end + 4), 1);
  return entry?.kind === 'directory' && entry.name === `${INSIDE.state.slice(1)}/` ? entry : undefined;
}
