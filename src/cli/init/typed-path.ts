import { isAbsolute, relative } from 'node:path';

/** A path as it is typed in a command that is told: in quotes where it has anything but plain characters. */
export function typedPath(path: string): string {
  return /[^\w./-]/.test(path) ? JSON.stringify(path) : path;
}

/** A path as a person would write it from here: without the folder where it lies in this one. */
export function shortPath(path: string): string {
  const name = relative(process.cwd(), path);
  return name.startsWith('..') || isAbsolute(name) ? path : name;
}
