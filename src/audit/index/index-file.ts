import { DatabaseSync } from 'node:sqlite';
import { chmodSync, rmSync } from 'node:fs';
import { Problem, reasonOf } from '../../core/problem.ts';

/** Raised with every change of what is kept: an index of another version is made anew. */
const VERSION = 1;

const SCHEMA = `
create table place (id integer primary key, host text not null, port integer not null, client text not null, unique (host, port, client));
create table file (
  file integer primary key, bytes integer not null, records integer not null, unread integer not null,
  first_seq integer not null, last_seq integer not null, last_hash text not null, last_at integer not null,
  first_ms real not null, last_ms real not null, sums blob not null);
create table decisions (file integer primary key, place blob not null, flag blob not null, time blob not null,
  seq blob not null, at blob not null, ended blob not null);
create table rollup (first integer primary key, first_ms real not null, sums blob not null);
create table late_end (of integer primary key, file integer not null, at integer not null);
create index late_end_file on late_end (file);
`;

/**
 * Opens the index at a path, or makes an empty one. A damaged one, or one of another version, is made anew: it can be.
 * Throws a Problem where that is not possible.
 */
export function openIndexFile(path: string): DatabaseSync {
  try {
    return prepared(path);
  } catch (error) {
    if (!isUseless(error)) throw unusable(path, error);
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
  }
  try {
    return prepared(path);
  } catch (error) {
    throw unusable(path, error);
  }
}

class AnotherVersion extends Error {}

// SQLITE_CORRUPT and SQLITE_NOTADB.
function isUseless(error: unknown): boolean {
  return (
    error instanceof AnotherVersion || (error instanceof Error && 'errcode' in error && (error.errcode === 11 || error.errcode === 26))
  );
}

function unusable(path: string, error: unknown): Problem {
  return new Problem('audit/index', 'the index of the audit trail cannot be used', {
    cause: reasonOf(error),
    fix: `look at it with: ls -l ${path}`,
    from: error,
  });
}

function prepared(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 10_000 });
  try {
    // Large blobs: few and large pages, read without a copy in between.
    database.exec('pragma page_size = 32768; pragma journal_mode = wal; pragma synchronous = normal; pragma mmap_size = 1073741824');
    chmodSync(path, 0o600);
    inTransaction(database, () => {
      const version = Number(database.prepare('pragma user_version').get()?.['user_version']);
      if (version === VERSION) return;
      if (version !== 0) throw new AnotherVersion(`version ${version}`);
      database.exec(`${SCHEMA} pragma user_version = ${VERSION}`);
    });
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** All of it or nothing; whoever else writes is waited for. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('begin immediate');
  try {
    const done = work();
    database.exec('commit');
    return done;
  } catch (error) {
    database.exec('rollback');
    throw error;
  }
}
