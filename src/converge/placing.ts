import { join } from 'node:path';

import { Problem } from '../core/problem.ts';
import type { Placement } from '../hosts/host.ts';
import type { Change } from './change.ts';
import { SECRET_MODE } from './diff.ts';
import type { SecretStore } from './secret-store.ts';
import type { Site } from './site.ts';

/** A change that only makes, writes or removes something below the deployment's folder. */
export type FileChange = Extract<Change, { readonly kind: 'make-folder' | 'write-file' | 'place-secret' | 'withdraw-secret' }>;

/** Is it one that can be done together with its neighbours? */
export function isFileChange(change: Change): change is FileChange {
  switch (change.kind) {
    case 'make-folder':
    case 'write-file':
    case 'place-secret':
    case 'withdraw-secret':
      return true;
    default:
      return false;
  }
}

/**
 * Splits changes into pieces that are done at once: neighbouring file changes of a host that can do several in one round trip, or a
 * single change. Keeps their order.
 */
export function inPieces(changes: readonly Change[], together: (host: string) => boolean): readonly (readonly [Change, ...Change[]])[] {
  const pieces: [Change, ...Change[]][] = [];
  for (const change of changes) {
    const last = pieces.at(-1);
    if (last && isFileChange(change) && isFileChange(last[0]) && last[0].host === change.host && together(change.host)) last.push(change);
    else pieces.push([change]);
  }
  return pieces;
}

/** Does file changes of one host, in their order. */
export async function place(site: Site, store: SecretStore, changes: readonly FileChange[]): Promise<void> {
  for (const change of changes) if ('reason' in change && change.reason === 'not-plain') await moveAway(site, change.path);
  const steps = await Promise.all(changes.map((change) => stepOf(site, store, change)));
  if (site.host.place) return site.host.place(steps);
  for (const step of steps) await placeOne(site, step);
}

async function stepOf({ root }: Site, store: SecretStore, change: FileChange): Promise<Placement> {
  const path = join(root, change.path);
  switch (change.kind) {
    case 'make-folder':
      return { kind: 'folder', path, mode: change.mode, owner: change.owner };
    case 'write-file':
      return { kind: 'file', path, content: change.content, mode: change.mode, owner: change.owner };
    case 'withdraw-secret':
      return { kind: 'remove', path };
    case 'place-secret': {
      const value = await store.read(change.secret);
      if (!value) throw new TypeError(`secret ${change.secret} has no value`);
      return { kind: 'file', path, content: value.reveal(), mode: SECRET_MODE, owner: change.owner };
    }
  }
}

function placeOne({ host }: Site, step: Placement): Promise<void> {
  switch (step.kind) {
    case 'folder':
      return host.makeFolder(step.path, step);
    case 'file':
      return host.write(step.path, step.content, step);
    case 'remove':
      return host.remove(step.path);
  }
}

/** Nothing that a person put there is deleted. */
async function moveAway({ host, root }: Site, path: string): Promise<void> {
  const from = join(root, path);
  const result = await host.run(['/bin/mv', '--', from, `${from}.moved-${Date.now()}`], { timeoutMs: 10_000 });
  if (result.code === 0) return;
  throw new Problem('converge/move-away', `something else is in the place of ${from}`, {
    cause: result.stderr.trim() || 'it could not be moved away',
    fix: `mv ${from} ${from}.old ; then: lobsterpot up`,
  });
}
