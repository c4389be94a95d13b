import type { DatabaseSync } from 'node:sqlite';
import { blobIn } from './blob-in.ts';
import { PlaceSums } from './place-sums.ts';

// So many files, by their numbers, have their sums in one row too: hundreds of files are then read as a dozen rows.
const GROUP = 32;

/** Sums up each group of files that is complete and was not yet. The caller holds a transaction. */
export function rollUp(database: DatabaseSync): void {
  // The last two may still grow.
  const groups = database
    .prepare(
      `select file / ${GROUP} * ${GROUP} as first, min(first_ms) as first_ms from file where file < (select max(file) - 1 from file)
       group by first having count(*) = ${GROUP} and first not in (select first from rollup)`,
    )
    .all();
  for (const { first, first_ms: firstMs } of groups) {
    const sums = new PlaceSums();
    for (const row of database.prepare('select sums from file where file >= ? and file < ?').iterate(Number(first), Number(first) + GROUP))
      sums.add(blobIn(row, 'sums'));
    database.prepare('insert into rollup values (?, ?, ?)').run(Number(first), Number(firstMs), sums.toBytes());
  }
}

/** The groups of files that are gone are complete no more. */
export function forgetRollups(database: DatabaseSync, files: readonly number[]): void {
  const remove = database.prepare('delete from rollup where first = ?');
  for (const first of new Set(files.map((file) => Math.floor(file / GROUP) * GROUP))) remove.run(first);
}

/** The sums of all files that are wholly so young, and the numbers of those that are it in part. With `only`, of those places alone. */
export function sumsSince(
  database: DatabaseSync,
  sinceMs: number,
  only?: ReadonlySet<number>,
): { readonly sums: PlaceSums; readonly partly: readonly number[] } {
  const sums = new PlaceSums();
  const summed = new Set<number>();
  for (const row of database.prepare('select first, sums from rollup where first_ms >= ?').iterate(sinceMs)) {
    sums.add(blobIn(row, 'sums'), only);
    summed.add(Number(row['first']));
  }
  const partly: number[] = [];
  const ofFile = database.prepare('select sums from file where file = ?');
  for (const row of database.prepare('select file, first_ms from file where last_ms >= ? order by file').all(sinceMs)) {
    const file = Number(row['file']);
    if (summed.has(Math.floor(file / GROUP) * GROUP)) continue;
    if (Number(row['first_ms']) >= sinceMs) sums.add(blobIn(ofFile.get(file), 'sums'), only);
    else partly.push(file);
  }
  return { sums, partly };
}
