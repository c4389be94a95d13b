import { readdirSync, readFileSync } from 'node:fs';

/** A process as /proc shows it; `environment` is undefined when it may not be read. */
export type Seen = {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  readonly environment: string | undefined;
};

/** Every process that can be seen, but those in `except` and this one. Zombies are left out: they run nothing and hold nothing. */
export function processes(except: ReadonlySet<number> = new Set()): readonly Seen[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && !except.has(pid))
    .flatMap(seen);
}

/** `of` and everything below it. */
export function familyOf(all: readonly Seen[], of: number): readonly Seen[] {
  const own = all.filter((one) => one.pid === of);
  return [...own, ...all.filter((one) => one.parent === of).flatMap((child) => familyOf(all, child.pid))];
}

function seen(pid: number): readonly Seen[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name may hold spaces and brackets: everything counts from the last one.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return [];
    return [{ pid, parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8'), environment: environmentOf(pid) }];
  } catch {
    // It ended while it was looked at.
    return [];
  }
}

function environmentOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return undefined;
  }
}
