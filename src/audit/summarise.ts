import type { Reason } from '../policy/policy.ts';
import { type TrailFilter, matchesFilter } from './query-trail.ts';
import { trailFiles, trailLines } from './trail-files.ts';
import { readRecord } from './trail-record.ts';

/** What the trail says about one host, port and client. */
export type TrailSummary = {
  readonly host: string;
  readonly port: number;
  readonly client: string;
  readonly allowed: number;
  readonly denied: number;
  readonly up: number;
  readonly down: number;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Of the last decision. */
  readonly reason: Reason;
  readonly rule?: string;
};

const MAX_ENTRIES = 10_000;

/** Sums up the decisions that fit, most recent first; beyond 10,000 different places the longest silent are left out. */
export async function summarise(folder: string, filter: TrailFilter): Promise<readonly TrailSummary[]> {
  const sums = new Map<string, TrailSummary>();
  for await (const { text } of trailLines(folder, await trailFiles(folder))) {
    const record = readRecord(text);
    if (record?.kind !== 'decision' && record?.kind !== 'end') continue;
    const { host, port, client, time } = record;
    const key = JSON.stringify([host, port, client]);
    const before = sums.get(key);
    if (record.kind === 'end') {
      if (before) sums.set(key, { ...before, up: before.up + record.up, down: before.down + record.down });
      continue;
    }
    if (!matchesFilter(record, filter)) continue;
    sums.delete(key);
    sums.set(key, {
      host,
      port,
      client,
      allowed: (before?.allowed ?? 0) + (record.verdict === 'allow' ? 1 : 0),
      denied: (before?.denied ?? 0) + (record.verdict === 'deny' ? 1 : 0),
      up: before?.up ?? 0,
      down: before?.down ?? 0,
      firstMs: before?.firstMs ?? time,
      lastMs: time,
      reason: record.would ?? record.reason,
      ...(record.rule === undefined ? {} : { rule: record.rule }),
    });
    const [oldest] = sums.keys();
    if (sums.size > MAX_ENTRIES && oldest !== undefined) sums.delete(oldest);
  }
  return [...sums.values()].toReversed();
}
