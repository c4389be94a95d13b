import { DatabaseSync } from 'node:sqlite';

/**
 * Takes a lock that the kernel gives back when this process dies, however it dies; undefined when another process holds it.
 * SQLite's exclusive transaction is a plain fcntl lock, which Node has no call for. Keep the result: a collected one lets go.
 */
export function takeLock(path: string): Disposable | undefined {
  const file = new DatabaseSync(path, { timeout: PATIENCE_MS });
  try {
    file.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
    return { [Symbol.dispose]: () => file.close() };
  } catch (error) {
    file.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
}

const SQLITE_BUSY = 5;
/** Two that ask in the same moment may each see the other on its way: one of them must wait for the other to step back. */
const PATIENCE_MS = 300;
