import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

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
    await file.appendFile(`${(await endsInside(path)) ? '\n' : ''}${line}`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A run that was cut off while it wrote left half a line: what follows must not become part of it. */
async function endsInside(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    return size > 0 && buffer[0] !== NEWLINE;
  } finally {
    await file.close();
  }
}

const NEWLINE = 10;
/** Some hundred runs. */
const END_BYTES = 1024 ** 2;
const event = z.looseObject({ event: z.string(), outcome: z.string().optional(), service: z.string().optional() });

/** Services whose state was being backed up or replaced by a run that did not come to the end of it. Pure. */
export function openStates(lines: readonly string[]): ReadonlySet<string> {
  const left = new Set<string>();
  for (const line of lines) {
    const read = parsed(line);
    if (read?.service === undefined || (read.event !== 'backup' && read.event !== 'restore')) continue;
    if (read.outcome === 'started') left.add(read.service);
    else left.delete(read.service);
  }
  return left;
}

/** The same, from the end of R/journal.jsonl. */
export async function readOpenStates(root: string): Promise<ReadonlySet<string>> {
  const file = await open(join(root, 'journal.jsonl'), 'r');
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - END_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    return openStates(buffer.toString('utf8', 0, bytesRead).split('\n'));
  } finally {
    await file.close();
  }
}

function parsed(line: string): z.infer<typeof event> | undefined {
  try {
    return event.parse(JSON.parse(line));
  } catch {
    // The first of the piece that was read is half a line.
    return undefined;
  }
}
