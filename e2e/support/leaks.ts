import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A value that must be nowhere, and the name under which it is reported. */
export type Planted = { readonly name: string; readonly value: string };

/** The names of the values that `bytes` hold, as they are or in base64 or hexadecimal. */
export function leaksIn(bytes: Buffer | string, planted: readonly Planted[]): readonly string[] {
  const haystack = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  return planted.filter(({ value }) => forms(value).some((form) => haystack.includes(form))).map(({ name }) => name);
}

function forms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  // Base64 of a longer text holds it at one of three offsets; the cut ends depend on the neighbours.
  const shifted = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
      .slice(shift + 1, -2),
  );
  return [value, bytes.toString('hex'), ...shifted];
}

/** Every file below `folder` that `skip` (given the relative path) does not leave out, and what was found in it. */
export function leaksBelow(
  folder: string,
  planted: readonly Planted[],
  skip: (path: string) => boolean,
): { readonly files: number; readonly found: readonly { readonly path: string; readonly names: readonly string[] }[] } {
  const files = filesBelow(folder).filter((path) => !skip(relative(folder, path)));
  const found = files.flatMap((path) => {
    const names = leaksIn(contentOf(path), planted);
    return names.length === 0 ? [] : [{ path: relative(folder, path), names }];
  });
  return { files: files.length, found };
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const state = lstatSync(path, { throwIfNoEntry: false });
    if (state?.isDirectory() === true) return filesBelow(path);
    return state?.isFile() === true ? [path] : [];
  });
}

/** A running service may take a file away between the list and the look. */
function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}
