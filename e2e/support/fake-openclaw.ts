import { copyFileSync, linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { runtimeFolder, runtimePaths } from '../../src/openclaw/install/install.ts';
import { pinnedLock } from '../../src/openclaw/install/pinned-lock.ts';
import { PINNED_OPENCLAW } from '../../src/openclaw/versions.ts';

/** Puts a runtime in the place of the pinned one, or of another: the real Node, and `program` instead of OpenClaw. Gives its folder. */
export function fakeOpenClaw(data: string, program: string, version: string = PINNED_OPENCLAW): string {
  const folder = runtimeFolder({ dataFolder: `${data}/lobsterpot`, version });
  const { node, openclaw } = runtimePaths(folder);
  for (const file of [node, openclaw]) mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  try {
    linkSync(process.execPath, node);
  } catch {
    // Another file system.
    copyFileSync(process.execPath, node);
  }
  writeFileSync(openclaw, program, { mode: 0o644 });
  writeFileSync(`${folder}/complete.json`, JSON.stringify({ lock: pinnedLock(version).digest }));
  return folder;
}
