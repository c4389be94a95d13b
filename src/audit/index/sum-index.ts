import { openTrailFolder } from '../open-trail.ts';
import type { TrailSummary } from '../summarise.ts';
import { FileIndexer, Places, newFile } from './file-indexer.ts';
import { lineBlocks } from './line-blocks.ts';
import { LineReader } from './line-reader.ts';
import type { PlaceSum } from './place-sums.ts';
import { decisionAt } from './query-index.ts';
import { sumsSince } from './rollups.ts';
import type { TrailIndex } from './trail-index.ts';

/** A place and what became of all attempts for it. */
export type PlaceTotal = PlaceSum & { readonly host: string; readonly port: number; readonly client: string };

/** The sums of every place that was asked for since then; files that are younger are not looked into. */
export async function placeTotals(index: TrailIndex, sinceMs = -Infinity): Promise<readonly PlaceTotal[]> {
  const { database } = index;
  const { sums, partly } = sumsSince(database, sinceMs);
  for (const file of partly) sums.add(await youngIn(index, file, sinceMs));
  return [...database.prepare('select id, host, port, client from place').iterate()].flatMap(({ id, host, port, client }) => {
    const sum = sums.of(Number(id));
    return sum ? [{ ...sum, host: String(host), port: Number(port), client: String(client) }] : [];
  });
}

/** A file that is partly older is read again: only its lines tell which of its bytes belong to when. */
async function youngIn({ database, folder }: TrailIndex, file: number, sinceMs: number): Promise<Uint8Array> {
  await using opened = await openTrailFolder(folder);
  if (!opened) return new Uint8Array(0);
  const indexer = new FileIndexer(newFile(file), new Places(database), () => undefined);
  for await (const { bytes, at } of lineBlocks(opened, file, 0)) indexer.take(bytes, at, sinceMs);
  return indexer.sums();
}

/** What the trail says about one host (not its sub-domains), as `summarise` gives it, most recent first. */
export async function summariseHost(index: TrailIndex, host: string): Promise<readonly TrailSummary[]> {
  const { database } = index;
  const places = new Map(
    database
      .prepare('select id, port, client from place where host = ?')
      .all(host)
      .map((row) => [Number(row['id']), { port: Number(row['port']), client: String(row['client']) }]),
  );
  if (places.size === 0) return [];
  const { sums } = sumsSince(database, -Infinity, new Set(places.keys()));
  await using lines = await LineReader.open(index.folder);
  const summaries: TrailSummary[] = [];
  for (const [id, { port, client }] of places) {
    const sum = sums.of(id);
    if (!sum) continue;
    const last = await decisionAt(lines, sum.lastFile, sum.lastAt);
    const { allowed, denied, up, down, firstMs, lastMs } = sum;
    const counted = { host, port, client, allowed, denied, up, down, firstMs, lastMs };
    if (last) summaries.push({ ...counted, reason: last.would ?? last.reason, ...(last.rule === undefined ? {} : { rule: last.rule }) });
  }
  return summaries.toSorted((a, b) => b.lastMs - a.lastMs);
}
