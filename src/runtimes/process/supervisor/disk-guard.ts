import { statfs } from 'node:fs/promises';
import { resolve } from 'node:path';

import { plainText } from '../../../core/plain-text.ts';
import { run } from '../../../hosts/run.ts';
import { MEASURE, MEASURE_ENV, MEASURE_MS, watchDisk, type DiskState } from '../../docker/inside/disk-watch.mjs';
import type { DiskReport } from '../../runtime.ts';
import { LAYOUT } from '../layout.ts';
import type { Spec } from '../spec.ts';

/** The watch over one service's state folder; leave its scope to end it. */
export type DiskGuard = Disposable & {
  /** Done when there is a first measurement, or after some seconds. */
  readonly first: Promise<unknown>;
  report(): DiskReport;
};

/** Watches the state of a service if it has a limit; called in the deployment's folder. `changed` hears when it must be ended and when it may run again. */
export function guardDisk(spec: Spec, changed: () => void): DiskGuard | undefined {
  const { name, limits } = spec.service;
  if (limits.diskMiB === undefined) return undefined;
  const folder = resolve(LAYOUT.state(name));
  const watch = watchDisk({
    limitMiB: limits.diskMiB,
    place: folder,
    measure: () => run(MEASURE, { cwd: folder, env: MEASURE_ENV, timeoutMs: MEASURE_MS }),
    room: () => statfs(folder),
    changed,
  });
  return { first: watch.first, report: () => reportOf(watch.state()), [Symbol.dispose]: () => watch.close() };
}

function reportOf({ limitKiB, usedKiB, atMs, tookMs, freeKiB, sizeKiB, held }: DiskState): DiskReport {
  return {
    limitKiB,
    ...(usedKiB === undefined ? {} : { usedKiB }),
    ...(atMs === undefined ? {} : { atMs }),
    ...(tookMs === undefined ? {} : { tookMs }),
    ...(freeKiB === undefined ? {} : { freeKiB }),
    ...(sizeKiB === undefined ? {} : { sizeKiB }),
    ...(held === undefined ? {} : { held: plainText(held, 500) }),
  };
}
