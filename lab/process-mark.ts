import { readdirSync, readFileSync } from 'node:fs';

/** A process that cannot be taken for a later one of the same number. */
export type ProcessMark = { readonly pid: number; readonly start: string };

/** undefined: there is no such process, or it has ended. */
export function markOf(pid: number): ProcessMark | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold spaces and brackets: everything counts from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, start] = [fields[0], fields[19]];
    return start === undefined || state === 'Z' || state === 'X' ? undefined : { pid, start };
  } catch {
    return undefined;
  }
}

/** Whether exactly this process runs. */
export function isRunning(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.start === mark.start;
}

/** The first child of `pid`; undefined when there is none. */
export function childOf(pid: number): number | undefined {
  try {
    const [first] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return first === undefined || first === '' ? undefined : Number(first);
  } catch {
    return undefined;
  }
}

/** The number here of the process that the process namespace of `init` calls `inner`. */
export function outerPid(init: number, inner: number): number | undefined {
  // A container's own namespace counts from 1 again: only the numbers of the same depth are meant.
  const depth = numbers(init).length;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => numbers(pid).at(-1) === inner && numbers(pid).length === depth && isBelow(pid, init));
}

function numbers(pid: number): readonly number[] {
  const line = /^NSpid:\s+(.*)$/m.exec(statusOf(pid))?.[1] ?? '';
  return line.split(/\s+/).map(Number);
}

function isBelow(pid: number, ancestor: number): boolean {
  for (let at = pid, steps = 0; at > 1 && steps < 50; steps += 1) {
    if (at === ancestor) return true;
    at = Number(/^PPid:\s+(\d+)$/m.exec(statusOf(at))?.[1] ?? '0');
  }
  return false;
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
