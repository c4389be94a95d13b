import { parseDuration } from '../../core/duration.ts';
import { EXIT } from '../../core/exit-code.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';

/** A value of an option that cannot be read. */
export function badValue(what: string, fix: string): Problem {
  return new Problem('cli/value', what, { cause: 'the value cannot be read', fix, exit: EXIT.usage });
}

/** The moment that `--since` names, epoch milliseconds. */
export function sinceMs(text: string | undefined, command: string): number | undefined {
  if (text === undefined) return undefined;
  const ago = parseDuration(text);
  if (ago !== undefined) return Date.now() - ago;
  throw badValue(`--since takes a time like 30m, 2h or 1d, not "${plainText(text, 20)}"`, `lobsterpot egress ${command} --since 2h`);
}

/** How long `--for` says. */
export function lifetimeMs(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw badValue(`--for takes a time like 10m, 1h or 2d, not "${plainText(text, 20)}"`, 'lobsterpot egress allow HOST --for 1h');
}

/** Bytes for people: `812 B`, `14 kB`, `3.1 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  for (const [unit, size] of [
    ['kB', 1e3],
    ['MB', 1e6],
    ['GB', 1e9],
  ] as const) {
    const amount = bytes / size;
    if (amount < 9.95) return `${amount.toFixed(1)} ${unit}`;
    if (amount < 999.5) return `${Math.round(amount)} ${unit}`;
  }
  return `${(bytes / 1e12).toFixed(1)} TB`;
}
