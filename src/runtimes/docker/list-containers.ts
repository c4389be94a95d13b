import * as z from 'zod/mini';

import type { EngineApi } from './engine-api.ts';
import { ASK_MS, callDocker, dockerProblem, mustDocker, type DockerEngine } from './engine.ts';
import { LABELS } from './layout.ts';

/** The labels of a container, of what `inspect` says of it. */
export const labelled = z.object({ Config: z.object({ Labels: z.nullable(z.record(z.string(), z.string())) }) });
const named = z.array(z.object({ Name: z.string(), ...labelled.shape }));
const listed = z.array(z.object({ Id: z.string().check(z.regex(/^[0-9a-f]{64}$/)) }));

/** What `docker inspect` says of every container of the deployment that stands for a service, running or not. */
export async function listContainers(engine: DockerEngine, deployment: string): Promise<readonly unknown[]> {
  const api = engine.quick?.api;
  const quickly = api?.isOpen() === true ? await byApi(api, deployment).catch(() => undefined) : undefined;
  return quickly ?? byDocker(engine, deployment);
}

async function byApi(api: EngineApi, deployment: string): Promise<readonly unknown[]> {
  const filters = JSON.stringify({ label: [`${LABELS.deployment}=${deployment}`, LABELS.service] });
  const ids = listed.parse(await api.json(`/containers/json?all=1&filters=${encodeURIComponent(filters)}`)).map((one) => one.Id);
  const found = await Promise.all(ids.map((id) => api.ask('GET', `/containers/${id}/json`)));
  // One that went away between the two questions is none.
  const there = found.filter((one) => one.status !== 404);
  if (there.some((one) => one.status !== 200)) throw new Error('the engine does not tell of a container');
  return there.map((one) => JSON.parse(one.body.toString('utf8')));
}

/** The digest of the specification that a container was made from, as it carries it. */
export async function specDigest(api: EngineApi, container: string): Promise<string | undefined> {
  return labelled.parse(await api.json(`/containers/${container}/json`)).Config.Labels?.[LABELS.spec];
}

/** The same from a list of containers. Pure. */
export function specDigestIn(listed: readonly unknown[], container: string): string | undefined {
  return named.parse(listed).find((one) => one.Name === `/${container}`)?.Config.Labels?.[LABELS.spec];
}

async function byDocker(engine: DockerEngine, deployment: string): Promise<readonly unknown[]> {
  const filter = [`--filter=label=${LABELS.deployment}=${deployment}`, `--filter=label=${LABELS.service}`];
  const said = await mustDocker(engine, ['ps', '--all', '--quiet', '--no-trunc', ...filter], 'list the containers', { timeoutMs: ASK_MS });
  const ids = said.split('\n').filter((line) => line !== '');
  if (ids.length === 0) return [];
  const result = await callDocker(engine, ['container', 'inspect', ...ids], { timeoutMs: ASK_MS });
  // One that went away between the two questions is told on stderr, the others are told all the same.
  if (result.code !== 0 && !/no such container/i.test(result.stderr)) throw dockerProblem(engine, 'look at the containers', result);
  return z.array(z.unknown()).parse(JSON.parse(result.stdout));
}
