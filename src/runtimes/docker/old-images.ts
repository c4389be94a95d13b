import * as z from 'zod/mini';

import { ASK_MS, callDocker, dockerProblem, mustDocker, type DockerEngine } from './engine.ts';
import { LABELS } from './layout.ts';

/** An image that lobsterpot ran services from, by the name that the file gave it and as it was pinned. */
export type UsedImage = { readonly asked: string; readonly pinned: string };

/** The same as it lies on a host now. */
export type LyingImage = UsedImage & {
  readonly id: string;
  readonly bytes: number;
  readonly names: readonly string[];
  /** How many containers were made from it or from one that builds on it, running or not; what looks at files is made anew from any. */
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
  const looks = (await madeFrom(engine, id)).filter((one) => one.isLook).map((one) => one.container);
  if (looks.length > 0) await mustDocker(engine, ['rm', ...looks], `remove what was made from the image ${asked}`, { timeoutMs: ASK_MS });
  await mustDocker(engine, ['image', 'rm', id], `remove the image ${asked}`, { timeoutMs: REMOVE_MS });
}

/** None or one. */
async function lying(engine: DockerEngine, used: UsedImage): Promise<readonly LyingImage[]> {
  const result = await callDocker(engine, ['image', 'inspect', '--format', '{{json .}}', used.pinned], { timeoutMs: ASK_MS });
  if (result.code !== 0 && /no such image/i.test(result.stderr)) return [];
  if (result.code !== 0) throw dockerProblem(engine, `look at the image ${used.asked}`, result);
  const { Id, Size, RepoTags } = inspected.parse(JSON.parse(result.stdout));
  const containers = (await madeFrom(engine, Id)).filter((one) => !one.isLook).length;
  return [{ ...used, id: Id, bytes: Size, names: RepoTags ?? [], containers }];
}

async function madeFrom(engine: DockerEngine, image: string): Promise<readonly { readonly container: string; readonly isLook: boolean }[]> {
  const format = `{{.ID}} {{.Label "${LABELS.look}"}}`;
  const list = ['ps', '--all', '--no-trunc', '--filter', `ancestor=${image}`, '--format', format];
  const lines = (await mustDocker(engine, list, 'list its containers', { timeoutMs: ASK_MS })).split('\n').filter((line) => line !== '');
  return lines.map((line) => ({ container: line.split(' ')[0] ?? '', isLook: /^\S+ [0-9a-f]{64}$/.test(line) }));
}
