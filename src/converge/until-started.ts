import { until } from '../core/wait.ts';
import type { Engine, Planned } from './engine.ts';

/** Longer than any service may take to become healthy. */
const START_MS = 150_000;
const ASK_EVERY_MS = 500;

/** Is a service on its way up? A run that was cut off may have begun that; what comes of it is not known yet. Pure. */
export function anyStarting({ seen }: Pick<Planned, 'seen'>): boolean {
  return [...seen.sites.values()].some(({ services }) => services.some((one) => one.state === 'starting'));
}

/** Waits until none is any more, whatever came of it. */
export async function untilStarted(engine: Engine): Promise<void> {
  await until(
    async () => {
      const sites = [...(await engine.sites()).values()];
      const read = await Promise.all(sites.map((site) => site.runtime.observe()));
      return read.flat().some((one) => one.state === 'starting') ? undefined : true;
    },
    { timeoutMs: START_MS, everyMs: ASK_EVERY_MS },
  );
}
