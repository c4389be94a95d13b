import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { z } from 'zod';

import { EXIT } from '../core/exit-code.ts';
import { stableJson } from '../core/json.ts';
import { plainText } from '../core/plain-text.ts';
import { Problem, reasonOf } from '../core/problem.ts';
import { writeProblem } from '../hosts/local-files.ts';
import { takeLock as takeKernelLock } from '../hosts/kernel-lock.ts';

/** The note of a holder. */
export const holderSchema = z.object({
  pid: z.number().int().positive(),
  user: z.string(),
  host: z.string(),
  command: z.string(),
  since: z.iso.datetime(),
});

/** Who holds the lock of a deployment, and why. */
export type Holder = z.infer<typeof holderSchema>;

/** Whose run was cut off; its note may be damaged, and is a note all the same. */
export type CutOff = Holder | 'not understood';

/** A held lock; leaving its scope gives it back. */
export type Lock = AsyncDisposable & {
  /** A run before this one was cut off, and none has seen to what it left. */
  readonly isAfterCutOff: boolean;
  /** What it left is seen to. Until somebody says so it stays noted, whoever else holds the lock in between. */
  settle(): void;
};

/**
 * Takes the deployment's lock, or throws who holds it (exit 5). The kernel gives it back when its process dies, however it dies;
 * `onStale` is told whose run was cut off, if one was. The lock lies beside the deployment's folder, so that it outlives
 * the folder's removal.
 */
export async function takeLock(root: string, command: string, onStale: (before: CutOff) => void): Promise<Lock> {
  const folder = join(dirname(root), '.locks');
  const note = join(folder, `${basename(root)}.json`);
  const path = join(folder, `${basename(root)}.db`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await take(path, note, command, onStale);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw isDamage(error) ? damaged(path, error) : writeProblem(note, error);
  }
}

/** Was a run on this deployment cut off, and none has seen to what it left? False while another is at work: its own word counts then. */
export async function wasCutOff(root: string): Promise<boolean> {
  const folder = join(dirname(root), '.locks');
  const left = await readHolder(join(folder, `${basename(root)}.json`));
  if (!left) return false;
  const lock = takeKernelLock(join(folder, `${basename(root)}.db`));
  lock?.[Symbol.dispose]();
  return lock !== undefined;
}

/** Throws who is at work, if somebody is: what is read while another run is in the middle of it may look finished. */
export async function refuseHeld(root: string): Promise<void> {
  const folder = join(dirname(root), '.locks');
  const holder = await readHolder(join(folder, `${basename(root)}.json`));
  if (!holder) return;
  const lock = takeKernelLock(join(folder, `${basename(root)}.db`));
  if (!lock) throw held(holder);
  lock[Symbol.dispose]();
}

async function take(path: string, note: string, command: string, onStale: (before: CutOff) => void): Promise<Lock> {
  const lock = takeKernelLock(path);
  const before = await readHolder(note);
  if (!lock) throw held(before);
  try {
    // A holder that ended in good order took its note away.
    if (before) onStale(before);
    const mine: Holder = { pid: process.pid, user: nameOfUser(), host: hostname(), command, since: new Date().toISOString() };
    await writeNote(note, mine);
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
  let open = before;
  return {
    isAfterCutOff: before !== undefined,
    settle: () => (open = undefined),
    [Symbol.asyncDispose]: async () => {
      try {
        await (open ? writeNote(note, open) : rm(note, { force: true }));
      } finally {
        lock[Symbol.dispose]();
      }
    },
  };
}

async function readHolder(note: string): Promise<CutOff | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(note, 'utf8')));
  } catch (error) {
    // Who ended in good order left none.
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? undefined : 'not understood';
  }
}

/** Whole or not at all; the caller holds the lock, so that nobody else writes there. */
async function writeNote(note: string, holder: CutOff): Promise<void> {
  const temporary = `${note}.tmp`;
  await writeFile(temporary, stableJson(holder), { mode: 0o600 });
  await rename(temporary, note);
}

/** What an `up` says of the run that was cut off before it. Pure. */
export function describeCutOff(before: CutOff): string {
  const who = before === 'not understood' ? '' : ` ("${plainText(before.command, 80)}", ${before.since})`;
  return `the last run${who} was cut off; going on from where it stopped`;
}

/** Who runs this. */
export function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** SQLite's word for a file that it did not write (SQLITE_CORRUPT, SQLITE_NOTADB). */
function isDamage(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && (error.errcode === 11 || error.errcode === 26);
}

function damaged(path: string, error: unknown): Problem {
  return new Problem('converge/lock-damaged', "the deployment's lock is damaged", {
    cause: `${path}: ${reasonOf(error)}`,
    fix: `rm ${path} ; nothing is kept in it; then run the command again`,
    from: error,
  });
}

function held(holder: CutOff | undefined): Problem {
  const what = 'another lobsterpot is at work on this deployment';
  const exit = EXIT.locked;
  const wait = 'wait until it is done, then run the command again';
  if (holder === undefined || holder === 'not understood')
    return new Problem('converge/locked', what, { cause: 'it has only just begun', fix: wait, exit });
  const { command, user, pid, since } = holder;
  return new Problem('converge/locked', what, {
    cause: `"${plainText(command, 80)}" of ${plainText(user, 40)} (pid ${pid}) holds the lock since ${since}`,
    fix: `${wait}; if it hangs: kill ${pid} , then: lobsterpot up`,
    exit,
  });
}
