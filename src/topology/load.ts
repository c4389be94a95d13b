import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { EXIT } from '../core/exit-code.ts';
import { Problem, Problems, reasonOf } from '../core/problem.ts';
import type { Deployment } from './deployment.ts';
import { parseDeployment } from './parse-deployment.ts';

const MOST_BYTES = 256 * 1024;

/** Reads and checks one file; throws Problems with every mistake in it. */
export function loadDeployment(path: string): Deployment {
  const absolute = resolve(path);
  const file = shortName(absolute);
  const text = decode(readBytes(absolute, file), file);
  return parseDeployment(text, { file, readFile: (named) => readBounded(resolve(dirname(absolute), named), 2 * 1024 * 1024) });
}

function readBytes(path: string, file: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readBounded(path, MOST_BYTES + 1);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    throw refusal(
      'topology/file',
      `cannot read ${file}`,
      code === 'ENOENT' ? 'there is no such file' : reasonOf(thrown),
      'name the file: npx lobsterpot plan --file PATH',
      thrown,
    );
  }
  if (bytes.byteLength <= MOST_BYTES) return bytes;
  throw refusal(
    'topology/file',
    `${file} is too large`,
    `at most ${MOST_BYTES / 1024} KiB are read`,
    `is it a deployment? then make it smaller and run: npx lobsterpot plan --file ${file}`,
  );
}

/** Reads at most `most` bytes of a regular file; a device or a pipe would never end. */
function readBounded(path: string, most: number): Uint8Array {
  // Opening a named pipe would wait for its other end.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile()) throw new Error('it is not a file');
    const buffer = Buffer.alloc(most);
    let length = 0;
    for (;;) {
      const got = readSync(file, buffer, length, most - length, null);
      length += got;
      if (got === 0 || length === most) return buffer.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refusal(
      'topology/file',
      `${file} is not UTF-8 text`,
      'it has bytes that no UTF-8 text has',
      `save it as UTF-8, then run: npx lobsterpot plan --file ${file}`,
    );
  }
}

function refusal(code: 'topology/file', what: string, cause: string, fix: string, from?: unknown): Problems {
  return new Problems([new Problem(code, what, { cause, fix, exit: EXIT.usage, from })]);
}

function shortName(absolute: string): string {
  const name = relative(process.cwd(), absolute);
  return name === '' || name.startsWith('..') || isAbsolute(name) ? absolute : name;
}
