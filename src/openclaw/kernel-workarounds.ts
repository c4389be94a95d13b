import { compareVersions } from './versions.ts';

/** The first kernel with openat2, which OpenClaw's native file functions call. */
const OPENAT2: readonly [number, number] = [5, 6];
/** The first OpenClaw that does not start without it: `failed to acquire gateway lock ... openat2 ... ENOSYS` (measured). */
const NEEDS_OPENAT2 = '2026.9.5';

/**
 * What a gateway's environment needs on an old kernel (every Synology has 4.4). Empty where nothing is needed: with native
 * functions off, some migrations of old state fail. An unreadable kernel version counts as new, an unreadable OpenClaw as the newest.
 */
export function kernelWorkarounds(of: { readonly openclaw: string; readonly kernel: string }): Readonly<Record<string, string>> {
  const older = (compareVersions(of.openclaw, NEEDS_OPENAT2) ?? 0) < 0;
  return older || !lacksOpenat2(of.kernel) ? {} : { OPENCLAW_FS_SAFE_NATIVE_MODE: 'off' };
}

function lacksOpenat2(kernel: string): boolean {
  const match = /^(\d+)\.(\d+)/.exec(kernel);
  if (!match) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major < OPENAT2[0] || (major === OPENAT2[0] && minor < OPENAT2[1]);
}
