import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The gate as one file that any Node runs without anything beside it; the same sources give the same bytes. */
export async function gateBundle(): Promise<string> {
  // The published package holds no sources and no bundler: there the file was made when it was built.
  if (!import.meta.url.endsWith('.ts')) return readFile(new URL('gate.mjs', import.meta.url), 'utf8');
  return bundleOf(new URL('main.ts', import.meta.url));
}

/** A program of ours and everything that it imports, as one file. Needs the sources. */
export async function bundleOf(entry: URL): Promise<string> {
  const { build } = await import('esbuild');
  const result = await build({
    entryPoints: [fileURLToPath(entry)],
    // Paths in comments are relative to this folder: no machine's own paths get into the bytes.
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
  });
  const [file] = result.outputFiles;
  if (!file) throw new Error('the bundler gave no file');
  return file.text;
}
