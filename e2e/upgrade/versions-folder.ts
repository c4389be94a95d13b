import { copyFileSync, linkSync, mkdirSync, mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { testRuntime } from '../../src/openclaw/testing/test-runtime.ts';

/** The version that the scenario starts with, and the one that it goes to. */
export const OLD = '2026.9.4';
export const NEW = '2026.9.6';

// Does to a state what a newer OpenClaw does first, and then never serves anybody.
const BROKEN = `
import { DatabaseSync } from 'node:sqlite';
const database = new DatabaseSync(process.env.OPENCLAW_STATE_DIR + '/state/openclaw.sqlite');
database.exec('PRAGMA user_version = 18');
database.close();
console.error('the test has broken this version');
process.exit(1);
`;

/** An installed version: the folder that holds it, and OpenClaw's entry file in it. */
type Installed = { readonly folder: string; readonly node: string };

async function installed(version: string): Promise<Installed> {
  const { openclaw, node } = await testRuntime(version);
  return { folder: resolve(dirname(openclaw), '../..'), node };
}

/**
 * A data folder of its own: the old version is the real one; in the place of the new one lies one that migrates a state and then ends,
 * and the real one beside it, for `mend`.
 */
export async function versionsFolder(): Promise<string> {
  const [before, after] = [await installed(OLD), await installed(NEW)];
  const data = mkdtempSync(`${dirname(before.folder)}/../versions-`);
  const runtimes = join(data, 'runtimes');
  mkdirSync(runtimes);
  symlinkSync(before.folder, join(runtimes, basename(before.folder)));
  symlinkSync(after.folder, join(data, 'real'));
  const broken = join(runtimes, basename(after.folder));
  const inside = (path: string): string => join(broken, path.slice(after.folder.length + 1));
  mkdirSync(dirname(inside(after.node)), { recursive: true });
  mkdirSync(join(broken, 'node_modules/openclaw'), { recursive: true });
  // A link to it would lead nowhere inside a service.
  linkSync(after.node, inside(after.node));
  copyFileSync(join(after.folder, 'complete.json'), join(broken, 'complete.json'));
  writeFileSync(join(broken, 'node_modules/openclaw/openclaw.mjs'), BROKEN);
  return data;
}

/** From here on the new version is the real one. */
export function mend(data: string, name: string): void {
  renameSync(join(data, 'runtimes', name), join(data, 'broken'));
  renameSync(join(data, 'real'), join(data, 'runtimes', name));
}
