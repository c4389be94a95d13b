import { open, readFile, rm, stat } from 'node:fs/promises';
import { Problem } from '../../core/problem.ts';
import { until } from '../../core/wait.ts';

/**
 * Runs `work` while no other process does so for the same lock file; a second one waits, at most `timeoutMs`.
 * The lock of a process that is gone is taken over.
 */
export async function exclusively<T>(
  path: string,
  limits: { readonly timeoutMs: number; readonly onWait: () => void },
  work: () => Promise<T>,
): Promise<T> {
  let told = false;
  const taken = await until(
    async () => {
      if (await take(path)) return true;
      await dropDead(path);
      if (!told) limits.onWait();
      told = true;
      return undefined;
    },
    { timeoutMs: limits.timeoutMs, everyMs: 250 },
  );
  if (!taken) {
    throw new Problem('openclaw/install-locked', 'another lobsterpot is still installing OpenClaw', {
      cause: `it holds ${path}`,
      fix: 'wait for it to end, then run the command again',
      exit: 5,
    });
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function dropDead(path: string): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const pid = Number(text);
  // Empty: its owner is between making and writing it, unless it died just there.
  const young = (await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now();
  if (text === '' ? Date.now() - young < 5000 : Number.isInteger(pid) && pid > 0 && isAlive(pid)) return;
  await rm(path, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
