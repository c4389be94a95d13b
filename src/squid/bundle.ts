import { readFile } from 'node:fs/promises';
import { bundleOf } from '../gate/bundle.ts';

/** The keeper of a Squid as one file that any Node runs; the same sources give the same bytes. */
export async function squidBundle(): Promise<string> {
  // As for the gate: the published package holds the file that was made when it was built.
  if (!import.meta.url.endsWith('.ts')) return readFile(new URL('keeper.mjs', import.meta.url), 'utf8');
  return bundleOf(new URL('main.ts', import.meta.url));
}
