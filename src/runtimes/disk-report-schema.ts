import * as z from 'zod/mini';

const size = z.int().check(z.nonnegative());

/** `DiskReport` as it comes from where a service runs: checked there, not believed. */
export const diskReportSchema = z.object({
  limitKiB: size,
  usedKiB: z.exactOptional(size),
  atMs: z.exactOptional(size),
  tookMs: z.exactOptional(size),
  freeKiB: z.exactOptional(size),
  sizeKiB: z.exactOptional(size),
  held: z.exactOptional(z.string()),
});
