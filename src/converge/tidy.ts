import type { Engine } from './engine.ts';

/** Removes what runs that were cut off left beside the services; gives the hosts on which there was something. It never fails: the next one tries again. */
export async function tidy(engine: Engine): Promise<readonly string[]> {
  const { sites } = await engine.reach().catch(() => ({ sites: new Map<string, never>() }));
  const found = await Promise.all(
    [...sites].map(async ([host, { runtime }]) => (((await runtime.tidy?.().catch(() => 0)) ?? 0) > 0 ? [host] : [])),
  );
  return found.flat();
}
