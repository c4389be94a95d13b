import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './root.mjs';

const SKIP = new Set(['node_modules', 'dist', '.git', '.lobsterpot', 'coverage']);

/** Every file below the given folders that the project wrote, relative to its root, sorted. */
export function projectFiles(folders = ['.']) {
  return folders
    .flatMap((folder) => walk(join(root, folder)))
    .map((path) => relative(root, path))
    .toSorted((a, b) => (a < b ? -1 : 1));
}

function walk(folder) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    // A room that is not there has no files; anything else is worth knowing.
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIP.has(entry.name) ? [] : walk(path);
    return entry.isFile() ? [path] : [];
  });
}
