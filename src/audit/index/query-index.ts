import type { DatabaseSync } from 'node:sqlite';
import type { EndEvent } from '../../policy/trail-line.ts';
import type { LogEntry, TrailFilter } from '../query-trail.ts';
import { readRecord, type Decision } from '../trail-record.ts';
import { DENIED, WOULD, float64Of, uint32Of } from './decision-rows.ts';
import { LineReader } from './line-reader.ts';
import { blobIn } from './blob-in.ts';
import type { TrailIndex } from './trail-index.ts';

/** Rows of one file, newest first. */
type Found = { readonly file: number; readonly rows: readonly number[] };

/** The last `limit` decisions that fit, oldest first, as `queryTrail` gives them, from an index that is up to date. */
export async function queryIndex(index: TrailIndex, filter: TrailFilter, limit: number): Promise<readonly LogEntry[]> {
  const found = findRows(index.database, filter, limit);
  await using lines = await LineReader.open(index.folder);
  const entries: LogEntry[] = [];
  for (const { file, rows } of found.toReversed()) {
    const where = index.database.prepare('select at, ended from decisions where file = ?').get(file);
    const [at, ended] = [uint32Of(blobIn(where, 'at')), uint32Of(blobIn(where, 'ended'))];
    await lines.prepare(file, rows.length);
    for (const row of rows.toReversed()) {
      const decision = await decisionAt(lines, file, at[row] ?? 0);
      if (!decision) continue;
      const end = decision.verdict === 'allow' ? await endOf(index.database, lines, { file, decision, ended: ended[row] ?? 0 }) : undefined;
      entries.push(end ? { decision, end } : { decision });
    }
  }
  return entries;
}

/** The decision whose line begins at an offset. */
export async function decisionAt(lines: LineReader, file: number, at: number): Promise<Decision | undefined> {
  const text = await lines.lineAt(file, at);
  const record = text === undefined ? undefined : readRecord(text);
  return record?.kind === 'decision' ? record : undefined;
}

async function endOf(
  database: DatabaseSync,
  lines: LineReader,
  { file, decision, ended }: { readonly file: number; readonly decision: Decision; readonly ended: number },
): Promise<EndEvent | undefined> {
  const late = ended === 0 ? database.prepare('select file, at from late_end where of = ?').get(decision.seq) : { file, at: ended - 1 };
  const text = late ? await lines.lineAt(Number(late['file']), Number(late['at'])) : undefined;
  const record = text === undefined ? undefined : readRecord(text);
  return record?.kind === 'end' ? record : undefined;
}

function findRows(database: DatabaseSync, filter: TrailFilter, limit: number): readonly Found[] {
  const found: Found[] = [];
  const places = filter.client === undefined && filter.host === undefined ? undefined : placesOf(database, filter);
  if (places?.size === 0) return found;
  const { sinceMs = -Infinity } = filter;
  const flags = filter.denied === true ? DENIED | WOULD : 0;
  let left = limit;
  const files = database
    .prepare(
      'select f.file, f.first_ms, d.place, d.flag, d.time from file f join decisions d using (file) where f.last_ms >= ? order by f.file desc',
    )
    .iterate(sinceMs);
  for (const row of files) {
    if (left <= 0) break;
    const rows = rowsIn(row, { places, flags, sinceMs: Number(row['first_ms']) >= sinceMs ? undefined : sinceMs, limit: left });
    if (rows.length > 0) found.push({ file: Number(row['file']), rows });
    left -= rows.length;
  }
  return found;
}

function rowsIn(
  columns: unknown,
  {
    places,
    flags,
    sinceMs,
    limit,
  }: { readonly places: Places | undefined; readonly flags: number; readonly sinceMs: number | undefined; readonly limit: number },
): readonly number[] {
  const flag = blobIn(columns, 'flag');
  const place = places ? uint32Of(blobIn(columns, 'place')) : undefined;
  const time = sinceMs === undefined ? undefined : float64Of(blobIn(columns, 'time'));
  const rows: number[] = [];
  for (let row = flag.length - 1; row >= 0 && rows.length < limit; row -= 1) {
    if (flags !== 0 && ((flag[row] ?? 0) & flags) === 0) continue;
    if (place && places && places.is[place[row] ?? 0] !== 1) continue;
    if (time && sinceMs !== undefined && (time[row] ?? 0) < sinceMs) continue;
    rows.push(row);
  }
  return rows;
}

/** Which places fit; `is` has a 1 at each of their numbers. */
type Places = { readonly size: number; readonly is: Uint8Array };

/** The places of a client, of a host and its sub-domains, or of both. */
function placesOf(database: DatabaseSync, { client, host }: TrailFilter): Places {
  const most = Number(database.prepare('select max(id) as most from place').get()?.['most'] ?? 0);
  const is = new Uint8Array(most + 1);
  const rows = database
    .prepare('select id from place where (?1 is null or client = ?1) and (?2 is null or host = ?2 or substr(host, -length(?2) - 1) = ?3)')
    .all(client ?? null, host ?? null, `.${host ?? ''}`);
  for (const { id } of rows) is[Number(id)] = 1;
  return { size: rows.length, is };
}
