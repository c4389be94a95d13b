import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Readable by every uid, writable by none. */
export function sealTree(folder: string): void {
  eachFolder(folder, (each) => {
    for (const entry of readdirSync(each, { withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(each, entry.name);
      chmodSync(path, (lstatSync(path).mode & 0o111) === 0 ? 0o444 : 0o555);
    }
  });
  eachFolder(folder, (each) => chmodSync(each, 0o555));
}

/** Removes a tree, a sealed one too; an absent one is fine. */
export async function removeTree(path: string): Promise<void> {
  // A read-only folder keeps its entries even from its owner.
  eachFolder(path, (each) => chmodSync(each, 0o700));
  await rm(path, { recursive: true, force: true });
}

function eachFolder(root: string, act: (folder: string) => void): void {
  if (lstatSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) return;
  act(root);
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.isDirectory()) eachFolder(join(root, entry.name), act);
  }
}
