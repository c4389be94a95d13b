import { readdirSync, readFileSync } from 'node:fs';

/** A line of the process table, read from /proc. */
export type ProcessRow = {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks since boot. */
  readonly started: number;
  /** Its numbers from the outermost process namespace to its own. */
  readonly numbers: readonly number[];
};

/** Process 1 of a sandbox and its launcher; `inside` is the launcher's number in there. */
export type SandboxProcesses = { readonly first: number; readonly launcher: number; readonly inside: number };

/**
 * Finds a sandbox below `outer`, the process the supervisor started; undefined while it is being set up. Pure.
 * The launcher is the oldest child of process 1: orphans that process 1 adopts are younger.
 */
export function findSandbox(rows: readonly ProcessRow[], outer: number): SandboxProcesses | undefined {
  const first = rows.find((row) => row.parent === outer && row.numbers.length > 1 && row.numbers.at(-1) === 1);
  if (!first) return undefined;
  const launcher = rows.filter((row) => row.parent === first.pid).toSorted((a, b) => a.started - b.started)[0];
  const inside = launcher?.numbers.at(-1);
  return launcher === undefined || inside === undefined ? undefined : { first: first.pid, launcher: launcher.pid, inside };
}

/** Reads what `findSandbox` needs of every process that can be seen. */
export function readProcesses(): readonly ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readRow(Number(name)));
}

/** A process may end while it is read: then it is not there. */
function readRow(pid: number): readonly ProcessRow[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold spaces and brackets: everything counts from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const numbers = /^NSpid:\s*(.+)$/m.exec(status)?.[1]?.split(/\s+/).map(Number) ?? [];
    return [{ pid, parent: Number(fields[1]), started: Number(fields[19]), numbers }];
  } catch {
    return [];
  }
}
