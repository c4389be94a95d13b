import { join } from 'node:path';

import { Problem } from '../core/problem.ts';
import type { Change } from './change.ts';
import { SECRET_MODE } from './diff.ts';
import type { SecretStore } from './secret-store.ts';
import type { Site } from './site.ts';

/** A change that only makes, writes or removes something below the deployment's folder. */
export type FileChange = Extract<Change, { readonly kind: 'make-folder' | 'write-file' | 'place-secret' | 'withdraw-secret' }>;

/** Does one of them. Nothing that a person put in the place of a file or folder is deleted: it is moved aside. */
export async function place(site: Site, store: SecretStore, change: FileChange): Promise<void> {
  const { host, root } = site;
  const path = join(root, change.path);
  if ('reason' in change && change.reason === 'not-plain') await moveAway(site, path);
  switch (change.kind) {
    case 'make-folder':
      return host.makeFolder(path, change);
    case 'write-file':
      return host.write(path, change.content, change);
    case 'withdraw-secret':
      return host.remove(path);
    case 'place-secret': {
      const value = await store.read(change.secret);
      if (!value) throw new TypeError(`secret ${change.secret} has no value`);
      return host.write(path, value.reveal(), { mode: SECRET_MODE, owner: change.owner });
    }
  }
}

async function moveAway({ host }: Site, from: string): Promise<void> {
  try {
    await host.rename(from, `${from}.moved-${Date.now()}`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem('converge/move-away', `something else is in the place of ${from}`, {
      cause: `it could not be moved away: ${error.why}`,
      fix: `mv ${from} ${from}.old ; then: lobsterpot up`,
      from: error,
    });
  }
}
