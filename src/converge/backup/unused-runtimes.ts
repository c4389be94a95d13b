import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { removeTree } from '../../openclaw/install/sealed-tree.ts';
import type { Workspace } from '../workspace.ts';

/** Absolute folders of installed OpenClaw versions that no deployment of this user is run from. They can be installed again. */
export async function unusedRuntimes({ deployments, data }: Workspace): Promise<readonly string[]> {
  const folder = join(data, 'runtimes');
  const installed = (await namesIn(folder)).filter((name) => /^openclaw-[\w.-]+$/.test(name) && !/\.(lock|partial-)/.test(name));
  const [used, left] = [await usedRuntimes(deployments), await leftVersions(deployments)];
  const isLeft = (name: string): boolean => left.some((version) => name.startsWith(`openclaw-${version}-`));
  return installed.filter((name) => !used.has(name) && !isLeft(name)).map((name) => join(folder, name));
}

/** Removes them; they are sealed against their owner. */
export async function removeRuntimes(folders: readonly string[]): Promise<void> {
  for (const folder of folders) await removeTree(folder);
}

/** Names of the folders that a specification speaks of; one that cannot be read might speak of any, and ends it. */
async function usedRuntimes(deployments: string): Promise<ReadonlySet<string>> {
  const used = new Set<string>();
  for (const deployment of await namesIn(deployments)) {
    const services = join(deployments, deployment, 'services');
    for (const service of await namesIn(services)) {
      const text = await readFile(join(services, service, 'spec.json'), 'utf8').catch(absentOr);
      for (const [path] of text.matchAll(/[^"]*\/runtimes\/openclaw-[\w.-]+/g)) used.add(basename(path));
    }
  }
  return used;
}

/** The versions that upgrades which are not over may still go back to. */
async function leftVersions(deployments: string): Promise<readonly string[]> {
  const roots = (await namesIn(deployments)).map((name) => join(deployments, name));
  const notes = await Promise.all(roots.map((root) => readFile(join(root, 'upgrade.json'), 'utf8').catch(absentOr)));
  return notes.flatMap((text) => /"from":\s*"([\w.]+)"/.exec(text)?.[1] ?? []);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    absentOr(error);
    return [];
  });
}

function absentOr(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
  throw error;
}
