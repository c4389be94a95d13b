import { constants } from 'node:os';

import type { Exit } from '../../../hosts/spawn.ts';

const SIGNALS: ReadonlyMap<number, string> = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name]));

/** How a service ended, in words; 128 + n is a signal, as a shell says it. */
export function describeExit(exit: Exit): string {
  if (exit.error !== undefined) return `it could not be started: ${exit.error}`;
  if (exit.signal !== undefined) return `it was ended by ${exit.signal}`;
  const { code } = exit;
  if (code === undefined) return 'it ended';
  if (code === 125) return 'its sandbox could not be set up';
  const signal = code > 128 ? SIGNALS.get(code - 128) : undefined;
  if (signal === 'SIGKILL') return 'it was killed (SIGKILL), perhaps because it reached its memory limit';
  return signal === undefined ? `it ended with exit code ${code}` : `it was ended by ${signal}`;
}
