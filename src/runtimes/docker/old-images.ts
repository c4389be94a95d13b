import * as z from 'zod/mini';

import { ASK_MS, callDocker, dockerProblem, mustDocker, type DockerEngine } from './engine.ts';

/** An image that lobsterpot ran services from, by the name that the file gave it and as it was pinned. */
export type UsedImage = { readonly asked: string; readonly pinned: string };

/** The same as it lies on a host now. */
export type LyingImage = UsedImage & {
  readonly id: string;
  readonly bytes: number;
  readonly names: readonly string[];
  /** How many containers were made from it or from one that builds on it, running or not. */
  readonly containers: number;
};

const REMOVE_MS = 5 * 60_000;

const inspected = z.object({ Id: z.string(), Size: z.number(), RepoTags: z.optional(z.nullable(z.array(z.string()))) });

/** May it be removed? Not while a container was made from it, nor where somebody gave it another name as well. Pure. */
export function mayGo({ asked, names, containers }: Pick<LyingImage, 'asked' | 'names' | 'containers'>): boolean {
  return containers === 0 && names.every((name) => name === asked);
}

/** Those of the images that lie on the host and may be removed. */
export async function oldImages(engine: DockerEngine, used: readonly UsedImage[]): Promise<readonly LyingImage[]> {
  const found = await Promise.all(used.map((one) => lying(engine, one)));
  return found.flat().filter(mayGo);
}

/** Removes one, never by force: the engine refuses it when it is in use after all. */
export async function removeImage(engine: DockerEngine, { id, asked }: LyingImage): Promise<void> {
  await mustDocker(engine, ['image', 'rm', id], `remove the image ${asked}`, { timeoutMs: REMOVE_MS });
}

/** None or one. */
async function lying(engine: DockerEngine, used: UsedImage): Promise<readonly LyingImage[]> {
  const result = await callDocker(engine, ['image', 'inspect', '--format', '{{json .}}', used.pinned], { timeoutMs: ASK_MS });
  if (result.code !== 0 && /no such image/i.test(result.stderr)) return [];
  if (result.code !== 0) throw dockerProblem(engine, `look at the image ${used.asked}`, result);
  const { Id, Size, RepoTags } = inspected.parse(JSON.parse(result.stdout));
  const list = await mustDocker(engine, ['ps', '--all', '--quiet', '--filter', `ancestor=${Id}`], 'list its containers', {
    timeoutMs: ASK_MS,
  });
  const containers = list.split('\n').filter((line) => line !== '').length;
  return [{ ...used, id: Id, bytes: Size, names: RepoTags ?? [], containers }];
}
