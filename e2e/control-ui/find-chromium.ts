import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PLAIN_PATH } from '../../src/hosts/run.ts';

/** The system's Chromium; undefined when there is none. */
export function findChromium(): string | undefined {
  // `chromium-browser` is not looked for: where there is one, it is a snap, which cannot run in the lab.
  return PLAIN_PATH.split(delimiter)
    .map((folder) => join(folder, 'chromium'))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
