import { join } from 'node:path';

import type { FileState } from '../../hosts/host.ts';
import { listFolder, statFile } from '../../hosts/local-files.ts';
import { LAYOUT } from './layout.ts';

/** What lies at the paths below the deployment's folder, and where a service's specification or one of its secrets lies. */
export async function surveyFiles(root: string, paths: readonly string[]): Promise<ReadonlyMap<string, FileState>> {
  const services = await names(join(root, LAYOUT.services));
  const secrets = await Promise.all(
    services.map(async (service) => (await names(join(root, LAYOUT.secrets(service)))).map((file) => `${LAYOUT.secrets(service)}/${file}`)),
  );
  const all = [...new Set([...paths, ...services.map(LAYOUT.spec), ...secrets.flat()])];
  return new Map(await Promise.all(all.map(async (path) => [path, await statFile(join(root, path))] as const)));
}

async function names(folder: string): Promise<readonly string[]> {
  // A file that is just being written has a name that begins with a dot.
  return (await listFolder(folder)).filter((name) => !name.startsWith('.'));
}
