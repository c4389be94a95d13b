import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isRunning } from './process-mark.ts';

const mark = z.object({ pid: z.number(), start: z.string() });

/** What is known of one lab on this machine, whoever made it; RUNS/ID/record.json. */
export const runRecord = z.object({
  id: z.string(),
  /** Who makes it. */
  maker: mark,
  /** The process whose end is the lab's end; absent while it is being made. */
  lab: mark.optional(),
  /** It stays when its maker ends. */
  kept: z.boolean(),
  startedAt: z.string(),
});

export type RunRecord = z.infer<typeof runRecord>;

/** Every lab of the cache that has a record. */
export function readRecords(runs: string): readonly RunRecord[] {
  return entries(runs).flatMap((id) => {
    const text = readText(join(runs, id, 'record.json'));
    const parsed = text === undefined ? undefined : runRecord.safeParse(JSON.parse(text));
    return parsed?.success === true && parsed.data.id === id ? [parsed.data] : [];
  });
}

/** Written whole or not at all. */
export function writeRecord(runs: string, record: RunRecord): void {
  const path = join(runs, record.id, 'record.json');
  writeFileSync(`${path}.part`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.part`, path);
}

/** `up`: it stands. `starting`: its maker is at it. `left`: nothing of it runs and it has to be cleared away. */
export function stateOf(record: RunRecord): 'up' | 'starting' | 'left' {
  if (record.lab !== undefined) return isRunning(record.lab) ? 'up' : 'left';
  return isRunning(record.maker) ? 'starting' : 'left';
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
