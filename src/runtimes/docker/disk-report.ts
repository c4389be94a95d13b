import * as z from 'zod/mini';

import { plainText } from '../../core/plain-text.ts';
import type { DiskReport } from '../runtime.ts';

const size = z.int().check(z.nonnegative());

const report = z.object({
  limitKiB: size,
  usedKiB: z.exactOptional(size),
  atMs: z.exactOptional(size),
  tookMs: z.exactOptional(size),
  freeKiB: z.exactOptional(size),
  sizeKiB: z.exactOptional(size),
  held: z.exactOptional(z.string()),
});

/** What a container's health test printed of the watch over its folder; undefined when that is not in it. The service itself may have written it. Pure. */
export function parseDiskReport(printed: string): DiskReport | undefined {
  try {
    const { held, ...rest } = report.parse(JSON.parse(printed));
    return held === undefined ? rest : { ...rest, held: plainText(held, 500) };
  } catch {
    return undefined;
  }
}
