import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { canonicalJson } from '../core/json.ts';
import type { Change } from './change.ts';
import { publicChange } from './change.ts';

export type JournalEvent =
  | { readonly event: 'begin'; readonly command: string; readonly changes: number }
  | { readonly event: 'change'; readonly outcome: 'started' | 'done' | 'failed'; readonly change: Change; readonly problem?: string }
  | { readonly event: 'end'; readonly outcome: 'done' | 'failed' };

/** Appends one line to R/journal.jsonl and flushes it: what was begun is on disk before it is done. */
export async function writeJournal(root: string, event: JournalEvent): Promise<void> {
  const shown = event.event === 'change' ? { ...event, change: publicChange(event.change) } : event;
  const file = await open(join(root, 'journal.jsonl'), 'a', 0o600);
  try {
    await file.appendFile(`${canonicalJson({ at: new Date().toISOString(), pid: process.pid, ...shown })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}
