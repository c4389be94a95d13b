import { readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';

import type { Engine } from './engine.ts';
import { withdrawLinks } from './links.ts';
import { takeHostLocksThere } from './host-lock.ts';
import { writeJournal } from './journal.ts';
import { takeLock } from './lock.ts';
import type { Site } from './site.ts';

/** Stops every service, and what watches over them, under the deployment's lock; gives the names of what ran. */
export async function bringDown(engine: Engine, command: string): Promise<readonly string[]> {
  await using _lock = await takeLock(engine.root, command, () => undefined);
  const [state] = await engine.local.stat([engine.root]);
  if (state?.kind !== 'directory') return [];
  return stopAll(engine, command);
}

/**
 * The same, and then removes everything of the deployment on every host: state, secrets, trail, and last the records; also what
 * an earlier, cut-off removal left.
 */
export async function destroy(engine: Engine, command: string): Promise<void> {
  await using lock = await takeLock(engine.root, command, () => undefined);
  const [state] = await engine.local.stat([engine.root]);
  if (state?.kind === 'directory') {
    await stopAll(engine, command);
    await withdrawLinks(engine);
    for (const site of (await engine.sites()).values()) await clear(site);
    // Renamed first: a removal that is cut off leaves no half of a deployment under its name.
    await rename(engine.root, `${engine.root}.removing-${Date.now()}`);
  }
  const parent = dirname(engine.root);
  const doomed = (await readdir(parent)).filter((name) => name.startsWith(`${basename(engine.root)}.removing-`));
  for (const name of doomed) await removeTree(engine, join(parent, name));
  lock.settle();
}

/** A site of its own place; one that shares the operator's goes with it. */
async function clear(site: Site): Promise<void> {
  if (site.kind === 'process') return;
  await site.host.remove(site.root);
  // The folder itself is its user's; where it is not, an empty one stays.
  if (site.host !== site.machine) await site.machine.remove(site.root).catch(() => undefined);
}

/** With the system's own programs: a service may have nested folders deeper than a path can be long, or taken its own rights away. */
async function removeTree(engine: Engine, path: string): Promise<void> {
  const limits = { timeoutMs: 300_000 };
  await engine.local.run(['/bin/rm', '-rf', '--', join(path, 'secrets')], limits);
  await engine.local.run(['/bin/chmod', '-R', 'u+rwX', '--', path], limits);
  const removed = await engine.local.run(['/bin/rm', '-rf', '--', path], limits);
  if (removed.code === 0) return;
  throw new Problem('converge/not-removed', `${path} could not be removed whole`, {
    cause: plainText(removed.stderr.trim().split('\n')[0] ?? '', 300) || 'it took too long',
    fix: 'look at what is left there, then run the same command again',
  });
}

async function stopAll(engine: Engine, command: string): Promise<readonly string[]> {
  const sites = [...(await engine.sites()).values()];
  await using _hosts = await takeHostLocksThere(engine, sites, command);
  const read = await Promise.all(sites.map((site) => site.runtime.observe()));
  const running = read.flat().filter((one) => one.state !== 'absent' && one.state !== 'stopped');
  await writeJournal(engine.root, { event: 'begin', command, changes: running.length });
  await Promise.all(sites.map((site) => site.runtime.shutdown()));
  await writeJournal(engine.root, { event: 'end', outcome: 'done' });
  return running.map((one) => one.name);
}
