import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../src/core/wait.ts';
import { isRunning } from './process-mark.ts';
import { readRecords, stateOf, type RunRecord } from './run-record.ts';

const CGROUPS = '/sys/fs/cgroup';
const END_LIMIT_MS = 20_000;

/** Ends a lab and takes away all that it has outside of its own namespaces: control groups and its folder. */
export async function endLab(runs: string, record: RunRecord): Promise<void> {
  const { lab } = record;
  if (lab !== undefined && isRunning(lab)) process.kill(lab.pid, 'SIGKILL');
  if (lab !== undefined) await until(() => Promise.resolve(isRunning(lab) ? undefined : true), { timeoutMs: END_LIMIT_MS, everyMs: 20 });
  const groups = cgroupsOf(record.id);
  // The kernel needs a moment for the last processes: a group that has one cannot be removed.
  await until(() => Promise.resolve(groups.every(removeGroup) ? true : undefined), { timeoutMs: END_LIMIT_MS, everyMs: 50 });
  const folder = join(runs, record.id);
  const gone = await until(() => Promise.resolve(removeFolder(folder)), { timeoutMs: END_LIMIT_MS, everyMs: 100 });
  if (gone !== true || groups.some((group) => existsSync(group)))
    throw new Error(`something of the lab ${record.id} is still there: ${folder}`);
}

/** Clears away what labs left behind whose processes are gone. */
export async function sweep(runs: string): Promise<readonly string[]> {
  const left = readRecords(runs).filter((record) => stateOf(record) === 'left');
  for (const record of left) await endLab(runs, record);
  return left.map((record) => record.id);
}

/** The control groups of a lab's engines, in every hierarchy of the machine. */
export function cgroupsOf(id: string): readonly string[] {
  const name = `lobsterpot-lab-${id}`;
  const places = existsSync(CGROUPS) ? [CGROUPS, ...readdirSync(CGROUPS).map((one) => join(CGROUPS, one))] : [];
  return places.map((one) => join(one, name)).filter((path) => existsSync(path));
}

function removeGroup(path: string): boolean {
  try {
    const below = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    if (!below.map((entry) => removeGroup(join(path, entry.name))).every(Boolean)) return false;
    rmdirSync(path);
    return true;
  } catch {
    // It has a process still, or somebody else who clears away was first.
    return !existsSync(path);
  }
}

function removeFolder(path: string): true | undefined {
  try {
    rmSync(path, { recursive: true, force: true });
    // With somebody else at the same work it can end early without an error.
    return existsSync(path) ? undefined : true;
  } catch {
    return undefined;
  }
}
