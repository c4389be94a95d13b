import { readFileSync } from 'node:fs';
import { link, open, readFile, rm, unlink } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';

import { z } from 'zod';

import { EXIT } from '../core/exit-code.ts';
import { stableJson } from '../core/json.ts';
import { Problem } from '../core/problem.ts';
import { writeProblem } from '../hosts/local-files.ts';

const holderSchema = z.object({
  pid: z.number().int().positive(),
  /** Start time of that process (clock ticks since boot on Linux), so that a reused pid is not mistaken for it. */
  started: z.string(),
  user: z.string(),
  host: z.string(),
  command: z.string(),
  since: z.iso.datetime(),
});

/** Who holds the lock of a deployment, and why. */
export type Holder = z.infer<typeof holderSchema>;

/** A held lock; leaving its scope gives it back. */
export type Lock = AsyncDisposable;

/**
 * Takes the deployment's lock (the file `lock` in `root`), or throws who holds it (exit 5).
 * A lock whose process is gone is taken over; `onStale` is told whose it was.
 */
export async function takeLock(root: string, command: string, onStale: (holder: Holder | undefined) => void): Promise<Lock> {
  const path = join(root, 'lock');
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const taken = await tryTake(path, command).catch((error: unknown) => {
      throw writeProblem(path, error);
    });
    if (taken) return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    const holder = await readHolder(path);
    if (holder && isAlive(holder)) throw held(holder);
    onStale(holder);
    await rm(path, { force: true });
  }
  throw new Problem('converge/lock', 'the lock of the deployment cannot be taken', {
    cause: `others keep taking ${path}`,
    fix: 'wait for them, then run the command again',
    exit: EXIT.locked,
  });
}

/** Written whole to a file of its own and then linked: a lock is never seen half-written. */
async function tryTake(path: string, command: string): Promise<boolean> {
  const mine = `${path}.${process.pid}.tmp`;
  const file = await open(mine, 'w', 0o600);
  try {
    const holder: Holder = {
      pid: process.pid,
      started: startOf(process.pid) ?? '',
      user: nameOfUser(),
      host: hostname(),
      command,
      since: new Date().toISOString(),
    };
    await file.writeFile(stableJson(holder));
    await link(mine, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await file.close();
    await unlink(mine);
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives and is another user's.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  const started = startOf(holder.pid);
  return started === undefined || holder.started === '' || started === holder.started;
}

/** Field 22 of /proc/PID/stat; undefined where there is no such file (macOS). */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

function held(holder: Holder): Problem {
  return new Problem('converge/locked', 'another lobsterpot is at work on this deployment', {
    cause: `"${holder.command}" of ${holder.user} (pid ${holder.pid}) holds the lock since ${holder.since}`,
    fix: 'wait until it is done, then run the command again',
    exit: EXIT.locked,
  });
}
