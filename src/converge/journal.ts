import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { canonicalJson } from '../core/json.ts';
import { writeProblem } from '../hosts/local-files.ts';
import type { Change } from './change.ts';
import { publicChange } from './change.ts';

export type JournalEvent =
  | { readonly event: 'begin'; readonly command: string; readonly changes: number }
  | { readonly event: 'change'; readonly outcome: 'started' | 'done' | 'failed'; readonly change: Change; readonly problem?: string }
  /** A state that is backed up, or replaced by that backup. */
  | {
      readonly event: 'backup' | 'restore';
      readonly outcome: 'started' | 'done';
      readonly service: string;
      readonly host: string;
      readonly backup?: string;
    }
  | {
      readonly event: 'rotation';
      readonly outcome: 'begun' | 'reverted' | 'proven' | 'unproven';
      readonly subject: { readonly kind: string; readonly name: string };
    }
  | { readonly event: 'end'; readonly outcome: 'done' | 'failed' | 'restored' };

/** Appends one line to R/journal.jsonl and flushes it: what was begun is on disk before it is done. */
export async function writeJournal(root: string, event: JournalEvent): Promise<void> {
  const shown = event.event === 'change' ? { ...event, change: publicChange(event.change) } : event;
  const path = join(root, 'journal.jsonl');
  await append(path, `${canonicalJson({ at: new Date().toISOString(), pid: process.pid, ...shown })}\n`).catch((error: unknown) => {
    throw writeProblem(path, error);
  });
}

async function append(path: string, line: string): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    await file.appendFile(line);
    await file.sync();
  } finally {
    await file.close();
  }
}
