import { join } from 'node:path';

import type { Problem } from '../core/problem.ts';
import { differingKeys } from '../core/json.ts';
import { readApplied } from './applied.ts';
import { renderedOn } from './desired.ts';
import { driftOf, type Drift, type Drifted } from './drift.ts';
import { currentServices, recordsOf, type Engine } from './engine.ts';
import { observe } from './observe.ts';

/** `since`: when the last run went through; undefined: none did, so there is nothing to compare with. */
export type DriftReport = Drift & { readonly since?: string; readonly unreachable: ReadonlyMap<string, Problem> };

/** Looks at every host that can be looked at, side by side, and says what is not as the last run left it. */
export async function readDrift(engine: Engine): Promise<DriftReport> {
  const [{ sites, unreachable }, applied, records] = await Promise.all([
    engine.reach(),
    readApplied(engine.local, engine.root),
    recordsOf(engine),
  ]);
  if (!applied) {
    const why = 'no run that went through is on record: lobsterpot up writes it down';
    return { drifted: [], unchecked: engine.deployment.hosts.map(({ name }) => ({ host: name, subject: 'host', why })), unreachable };
  }
  const seen = await observe(engine, sites, applied.files, records);
  const found = driftOf(applied, seen, new Map([...unreachable].map(([host, { message }]) => [host, message])));
  return { ...found, drifted: await withKeys(engine, found.drifted), since: applied.at, unreachable };
}

/** A configuration that was edited is told by its keys; its values may be private. */
async function withKeys(engine: Engine, drifted: readonly Drifted[]): Promise<readonly Drifted[]> {
  const isEdited = (one: Drifted): boolean => one.path !== undefined && one.what === 'content differs' && one.path.endsWith('.json');
  if (!drifted.some(isEdited)) return drifted;
  const { sites } = await engine.reach();
  const services = await currentServices(engine);
  const wanted = [...sites.values()].flatMap((site) => renderedOn(site, services));
  return Promise.all(
    drifted.map(async (one) => {
      const artifact = isEdited(one) ? wanted.find(({ host, path }) => host === one.host && path === one.path) : undefined;
      const site = sites.get(one.host);
      if (!site || artifact?.kind !== 'file') return one;
      const content = await site.host.read(join(site.root, artifact.path));
      const keys = content && differingKeys(artifact.content, Buffer.from(content).toString('utf8'));
      return keys === undefined || keys.length === 0 ? one : { ...one, what: `${one.what}: ${keys.slice(0, 5).join(', ')}` };
    }),
  );
}
