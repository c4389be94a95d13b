import * as z from 'zod/mini';

import type { EngineApi } from './engine-api.ts';
import { LABELS, projectName } from './layout.ts';

const listed = z.array(
  z.object({
    Id: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
    Names: z.array(z.string()),
    Created: z.number(),
    Labels: z.record(z.string(), z.string()),
  }),
);

/**
 * Removes containers that a run made beside its services and was cut off before it removed them; gives how many. One that a run may
 * still use stays: each carries how long it is needed at the most, and the engine's own clock says how old it is.
 */
export async function removeLeft(api: EngineApi, deployment: string): Promise<number> {
  const filters = JSON.stringify({ label: [`${LABELS.deployment}=${deployment}`, LABELS.seconds] });
  const { status, headers, body } = await api.ask('GET', `/containers/json?all=1&filters=${encodeURIComponent(filters)}`);
  if (status !== 200) return 0;
  const now = Date.parse(headers.get('date') ?? '') / 1000;
  const left = leftAmong(JSON.parse(body.toString('utf8')), deployment, now);
  const removed = await Promise.all(left.map((id) => api.ask('DELETE', `/containers/${id}?force=1&v=1`)));
  return removed.filter((one) => one.status === 204).length;
}

/** The ids of those that no run needs any more; `now` in seconds by the engine's clock. Pure. */
export function leftAmong(told: unknown, deployment: string, now: number): readonly string[] {
  return listed
    .parse(told)
    .filter(({ Names, Labels }) => {
      const isShort = Names.length > 0 && Names.every((name) => SHORT_LIVED.test(name) && name.startsWith(`/${projectName(deployment)}-`));
      return isShort && Labels[LABELS.deployment] === deployment && Labels[LABELS.service] === undefined;
    })
    .filter(({ Created, Labels }) => now - Created > Number(Labels[LABELS.seconds] ?? Number.NaN))
    .map(({ Id }) => Id);
}

const SHORT_LIVED = /-(look|once)-[0-9a-f]{8}$/;

/** The label of a container that its run needs for so long at the most. */
export function neededFor(ms: number): Readonly<Record<string, string>> {
  return { [LABELS.seconds]: String(Math.ceil((ms + SPARE_MS) / 1000)) };
}

// To make it, to remove it, and for a machine that is busy with something else.
const SPARE_MS = 10 * 60_000;
