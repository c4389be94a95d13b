import { lstatSync, mkdirSync } from 'node:fs';
import module from 'node:module';
import { isAbsolute, join } from 'node:path';

/**
 * Lets Node keep what it made of the sources, which is most of the time that a short command takes. In a folder of this user's own:
 * whoever can write there decides what runs here. Where there is no such folder, nothing is kept.
 */
export function keepCompiled(env = process.env) {
  const folder = cacheFolder(env);
  if (folder === undefined) return;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { mode, uid } = lstatSync(folder);
    if (uid === process.getuid?.() && (mode & 0o170077) === 0o040000) module.enableCompileCache(folder);
  } catch {
    // A home that cannot be written: everything works without.
  }
}

/** As the XDG specification says: relative values are ignored. */
export function cacheFolder({ XDG_CACHE_HOME: cache, HOME: home }) {
  const base = cache !== undefined && isAbsolute(cache) ? cache : home !== undefined && isAbsolute(home) ? join(home, '.cache') : undefined;
  return base === undefined ? undefined : join(base, 'lobsterpot', 'compiled');
}
