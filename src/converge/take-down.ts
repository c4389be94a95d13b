import { rename } from 'node:fs/promises';

import type { Engine } from './engine.ts';
import { writeJournal } from './journal.ts';
import { takeLock } from './lock.ts';

/** Stops every service and the supervisor under the deployment's lock; gives the names of what ran. */
export async function bringDown(engine: Engine, command: string): Promise<readonly string[]> {
  const [state] = await engine.host.stat([engine.root]);
  if (state?.kind !== 'directory') return [];
  await using _lock = await takeLock(engine.root, command, () => undefined);
  return stopAll(engine, command);
}

/** The same, and then removes the deployment's folder: state, secrets, trail, records. */
export async function destroy(engine: Engine, command: string): Promise<void> {
  const [state] = await engine.host.stat([engine.root]);
  if (state?.kind !== 'directory') return;
  await using _lock = await takeLock(engine.root, command, () => undefined);
  await stopAll(engine, command);
  // Renamed first: a removal that is cut off leaves no half of a deployment under its name.
  const doomed = `${engine.root}.removing-${Date.now()}`;
  await rename(engine.root, doomed);
  await engine.host.remove(doomed);
}

async function stopAll(engine: Engine, command: string): Promise<readonly string[]> {
  const running = (await engine.runtime.observe())
    .filter((one) => one.state !== 'absent' && one.state !== 'stopped')
    .map((one) => one.name);
  await writeJournal(engine.root, { event: 'begin', command, changes: running.length });
  await engine.runtime.shutdown();
  await writeJournal(engine.root, { event: 'end', outcome: 'done' });
  return running;
}
