import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { sha256 } from '../core/digest.ts';
import { keptBundle, type Built } from './kept-bundle.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

// What decides on the bytes beside the sources: the bundler, and the settings below.
const ALSO = ['node_modules/esbuild/package.json', 'src/gate/bundle.ts'];

/** The gate as one file that any Node runs without anything beside it; the same sources give the same bytes. */
export async function gateBundle(): Promise<string> {
  // The published package holds no sources and no bundler: there the file was made when it was built.
  if (!import.meta.url.endsWith('.ts')) return readFile(new URL('gate.mjs', import.meta.url), 'utf8');
  return bundleOf(new URL('main.ts', import.meta.url));
}

/** A program of ours and everything that it imports, as one file. Needs the sources; while they stay the same it is bundled once. */
export async function bundleOf(entry: URL): Promise<string> {
  const room = basename(dirname(fileURLToPath(entry)));
  return keptBundle(join(ROOT, 'node_modules/.cache/lobsterpot', `${room}.json`), ROOT, () => bundle(entry));
}

/** Bundles; never what was kept. The digests are of what was read for it, also if a file changes meanwhile. */
export async function bundle(entry: URL): Promise<Built> {
  const { build } = await import('esbuild');
  const from: Record<string, string> = {};
  const read = async (path: string): Promise<string> => {
    const contents = await readFile(path, 'utf8');
    from[relative(ROOT, path)] = sha256(contents);
    return contents;
  };
  await Promise.all(ALSO.map((path) => read(join(ROOT, path))));
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entry)],
    plugins: [
      {
        name: 'sources',
        setup: (on) => on.onLoad({ filter: /\.ts$/ }, async ({ path }) => ({ contents: await read(path), loader: 'ts' })),
      },
    ],
    // Paths in comments are relative to this folder: no machine's own paths get into the bytes.
    absWorkingDir: ROOT,
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const [file] = outputFiles;
  if (!file) throw new Error('the bundler gave no file');
  return { from, text: file.text };
}
