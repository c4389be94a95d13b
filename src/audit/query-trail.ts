import { setTimeout as sleep } from 'node:timers/promises';
import type { EndEvent } from '../policy/trail-line.ts';
import { trailFiles, trailLines } from './trail-files.ts';
import { type Decision, readRecord } from './trail-record.ts';

/** Which decisions are asked for. */
export type TrailFilter = {
  readonly sinceMs?: number;
  /** Only denials, and in report mode what would have been one. */
  readonly denied?: boolean;
  readonly client?: string;
  /** The host itself or any of its sub-domains. */
  readonly host?: string;
};

/** A decision, and how the connection ended if it did. */
export type LogEntry = { readonly decision: Decision; readonly end?: EndEvent };

/** Does this decision belong to what was asked for? */
export function matchesFilter(decision: Decision, filter: TrailFilter): boolean {
  if (filter.sinceMs !== undefined && decision.time < filter.sinceMs) return false;
  if (filter.denied === true && decision.verdict === 'allow' && decision.would === undefined) return false;
  if (filter.client !== undefined && decision.client !== filter.client) return false;
  return filter.host === undefined || decision.host === filter.host || decision.host.endsWith(`.${filter.host}`);
}

/** The last `limit` decisions that fit, oldest first. Reads the whole trail, keeps only these in memory. */
export async function queryTrail(folder: string, filter: TrailFilter, limit: number): Promise<readonly LogEntry[]> {
  const kept = new Map<number, LogEntry>();
  for await (const { text } of trailLines(folder, await trailFiles(folder))) {
    const record = readRecord(text);
    if (record?.kind === 'end') {
      const entry = kept.get(record.of);
      if (entry) kept.set(record.of, { ...entry, end: record });
    }
    if (record?.kind !== 'decision' || !matchesFilter(record, filter)) continue;
    kept.set(record.seq, { decision: record });
    const [oldest] = kept.keys();
    if (kept.size > limit && oldest !== undefined) kept.delete(oldest);
  }
  return [...kept.values()];
}

const POLL_MS = 250;

/** A place in a trail: the offset of a byte in one of its files. */
export type TrailEnd = { readonly file: number; readonly offset: number };

/** How a trail is followed: `from` where (default: its end), and what is done before each look at it. */
export type Following = { readonly from?: TrailEnd; readonly fetch?: () => Promise<void>; readonly everyMs?: number };

/** Decisions as they are written from now on, until `signal` is aborted; a trail that does not exist yet is waited for. */
export async function* followTrail(
  folder: string,
  filter: TrailFilter,
  signal: AbortSignal,
  { from: begin, fetch, everyMs = POLL_MS }: Following = {},
): AsyncGenerator<Decision> {
  let from = begin ?? (await endOf(folder));
  while (!signal.aborted) {
    await fetch?.();
    for await (const { file, text, whole, endsAt } of trailLines(folder, await trailFiles(folder), from)) {
      if (!whole) break;
      from = { file, offset: endsAt };
      const record = readRecord(text);
      if (record?.kind === 'decision' && matchesFilter(record, filter)) yield record;
    }
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}

async function endOf(folder: string): Promise<TrailEnd> {
  const files = await trailFiles(folder);
  const newest = files.slice(-1);
  let offset = 0;
  for await (const line of trailLines(folder, newest)) if (line.whole) offset = line.endsAt;
  return { file: newest[0] ?? 0, offset };
}
