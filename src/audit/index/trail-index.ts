import type { DatabaseSync } from 'node:sqlite';
import { Problem } from '../../core/problem.ts';
import { trailFileName, trailFileNumber } from '../../policy/trail-line.ts';
import { openTrailFolder, type TrailFolder } from '../open-trail.ts';
import type { TrailEnd } from '../query-trail.ts';
import type { Witness } from '../verify-trail.ts';
import { blobIn } from './blob-in.ts';
import type { RowColumns } from './decision-rows.ts';
import { FileIndexer, Places, newFile, type FileState } from './file-indexer.ts';
import { inTransaction, openIndexFile } from './index-file.ts';
import { lineBlocks } from './line-blocks.ts';
import { forgetRollups, rollUp, sumsSince } from './rollups.ts';

/** What the trail holds that was read into the index before is not there any more, or is something else. */
export class TrailReplaced extends Problem {
  constructor(file: number, cause: string) {
    super('audit/trail-replaced', `the audit trail is another than it was when it was read last: ${trailFileName(file)}`, {
      cause,
      fix: 'lobsterpot egress log --verify',
    });
  }
}

/** An index over one trail, beside whoever asks: what is in it is found without reading the trail again. */
export type TrailIndex = Disposable & { readonly database: DatabaseSync; readonly folder: string };

/** Opens the index at `path` of the trail in `folder`. */
export function openTrailIndex(path: string, folder: string): TrailIndex {
  const database = openIndexFile(path);
  return { database, folder, [Symbol.dispose]: () => database.close() };
}

/**
 * Reads what was written since the last time, and drops what the gate dropped. Gives how many records were read.
 * Throws `TrailReplaced` when the trail does not go on where it ended.
 */
export async function catchUp({ database, folder }: TrailIndex): Promise<number> {
  await using opened = await openTrailFolder(folder);
  const files = ((await opened?.names()) ?? []).flatMap((name) => trailFileNumber(name) ?? []).toSorted((a, b) => a - b);
  forget(database, files);
  let read = 0;
  if (!opened) return read;
  // One reader of many that run at once reads a file; the others find it read when their turn comes.
  const places = new Places(database);
  // The gate writes into its newest file alone: what has two newer ones behind it was read to its end.
  const whole = Number(database.prepare('select max(file) as newest from file').get()?.['newest'] ?? 0) - 1;
  const known = knownFiles(database);
  for (const file of files.filter((one) => one >= whole || !known.has(one))) {
    const grown = await growthOf(opened, file, fileState(database, file));
    if (grown) read += await readFile(database, opened, places, grown);
  }
  if (read > 0) inTransaction(database, () => rollUp(database));
  return read;
}

/** The records up to which each file was read: what a trail that was not touched still holds. */
export function witnessesOf({ database }: TrailIndex): readonly Witness[] {
  return database
    .prepare('select last_seq, last_hash from file where records > 0 order by file')
    .all()
    .map((row) => ({ seq: Number(row['last_seq']), hash: String(row['last_hash']) }));
}

/** Up to where the trail is in the index. */
export function indexEnd({ database }: TrailIndex): TrailEnd {
  const last = database.prepare('select file, bytes from file order by file desc limit 1').get();
  return { file: Number(last?.['file'] ?? 0), offset: Number(last?.['bytes'] ?? 0) };
}

/** Files that the gate dropped, which are always the oldest; a gap between the others is somebody else's work. */
function forget(database: DatabaseSync, files: readonly number[]): void {
  const known = [...knownFiles(database)];
  const present = new Set(files);
  const oldest = files[0] ?? Infinity;
  const missing = known.find((file) => file > oldest && !present.has(file)) ?? (oldest === Infinity ? known.at(-1) : undefined);
  if (missing !== undefined) throw new TrailReplaced(missing, 'the file is not there any more');
  removeFiles(
    database,
    known.filter((file) => file < oldest),
  );
}

/** The files in the index, oldest first. */
function knownFiles(database: DatabaseSync): ReadonlySet<number> {
  return new Set(
    database
      .prepare('select file from file order by file')
      .all()
      .map((row) => Number(row['file'])),
  );
}

function removeFiles(database: DatabaseSync, files: readonly number[]): void {
  if (files.length === 0) return;
  inTransaction(database, () => {
    for (const table of ['file', 'decisions', 'late_end']) {
      const remove = database.prepare(`delete from ${table} where file = ?`);
      for (const file of files) remove.run(file);
    }
    forgetRollups(database, files);
    const { sums: used } = sumsSince(database, -Infinity);
    const remove = database.prepare('delete from place where id = ?');
    for (const { id } of database.prepare('select id from place').all()) if (!used.has(Number(id))) remove.run(id ?? null);
  });
}

/** Where to go on in a file; undefined: there is nothing new in it. */
async function growthOf(folder: TrailFolder, file: number, state: FileState): Promise<FileState | undefined> {
  const found = await folder.open(trailFileName(file));
  if (!found) return undefined;
  await using handle = found.handle;
  if (found.size < state.bytes) throw new TrailReplaced(file, `it had ${state.bytes} bytes and has ${found.size}`);
  if (found.size === state.bytes) return undefined;
  if (state.records > 0) {
    const { buffer } = await handle.read(Buffer.alloc(state.bytes - state.lastAt), 0, state.bytes - state.lastAt, state.lastAt);
    if (!buffer.includes(`"hash":"${state.lastHash}"}\n`)) throw new TrailReplaced(file, `record ${state.lastSeq} is another one`);
  }
  return state;
}

async function readFile(database: DatabaseSync, folder: TrailFolder, places: Places, state: FileState): Promise<number> {
  const before = state.records;
  database.exec('begin immediate');
  try {
    // Somebody else read it while this one waited for its turn.
    if (fileState(database, state.file).bytes !== state.bytes) {
      database.exec('rollback');
      return 0;
    }
    const lateEnd = database.prepare('insert or replace into late_end (of, file, at) values (?, ?, ?)');
    const onLateEnd = (of: number, at: number): void => void lateEnd.run(of, state.file, at);
    const indexer = new FileIndexer(state, places, onLateEnd, state.bytes === 0 ? undefined : gathered(database, state.file));
    for await (const { bytes, at } of lineBlocks(folder, state.file, state.bytes)) indexer.take(bytes, at);
    keep(database, indexer);
    database.exec('commit');
  } catch (error) {
    database.exec('rollback');
    throw error;
  }
  return state.records - before;
}

function keep(database: DatabaseSync, indexer: FileIndexer): void {
  const { state } = indexer;
  const { file, bytes, records, unread, firstSeq, lastSeq, lastHash, lastAt, firstMs, lastMs } = state;
  const { place, flag, time, seq, at, ended } = indexer.columns();
  database
    .prepare('insert or replace into file values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run(file, bytes, records, unread, firstSeq, lastSeq, lastHash, lastAt, firstMs, lastMs, indexer.sums());
  database.prepare('insert or replace into decisions values (?, ?, ?, ?, ?, ?, ?)').run(file, place, flag, time, seq, at, ended);
}

function fileState(database: DatabaseSync, file: number): FileState {
  const row = database
    .prepare('select bytes, records, unread, first_seq, last_seq, last_hash, last_at, first_ms, last_ms from file where file = ?')
    .get(file);
  if (!row) return newFile(file);
  const of = (key: string): number => Number(row[key]);
  return {
    file,
    bytes: of('bytes'),
    records: of('records'),
    unread: of('unread'),
    firstSeq: of('first_seq'),
    lastSeq: of('last_seq'),
    lastHash: String(row['last_hash']),
    lastAt: of('last_at'),
    firstMs: of('first_ms'),
    lastMs: of('last_ms'),
  };
}

function gathered(database: DatabaseSync, file: number): { readonly columns: RowColumns; readonly sums: Uint8Array } | undefined {
  const columns = database.prepare('select * from decisions where file = ?').get(file);
  const sums = database.prepare('select sums from file where file = ?').get(file)?.['sums'];
  if (!columns || !(sums instanceof Uint8Array)) return undefined;
  const of = (key: keyof RowColumns): Uint8Array => blobIn(columns, key);
  return {
    columns: { place: of('place'), flag: of('flag'), time: of('time'), seq: of('seq'), at: of('at'), ended: of('ended') },
    sums,
  };
}
