import { cpus, freemem, loadavg, release, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const GIB = 1024 ** 3;
const REST_MS = 5000;

/** What figures were measured on, as lines of a page; the loads are those before and after, for who else was at work there. */
export function machineLines(before: readonly number[], after: readonly number[], date: string): readonly string[] {
  const load = (of: readonly number[]): string => of.map((one) => one.toFixed(1)).join(' ');
  return [
    `- Measured on ${date}: ${cpus().length} processors (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / GIB)} GiB, Linux ${release()}, Node ${process.versions.node}.`,
    `- Load of the machine (1, 5 and 15 minutes): ${load(before)} before, ${load(after)} after.`,
  ];
}

/** As the kernel counts it, of 1, 5 and 15 minutes. */
export function load(): readonly number[] {
  return loadavg();
}

/** What is in use of this machine's memory, in GiB. */
export function memoryUsed(): number {
  return (totalmem() - freemem()) / GIB;
}

/** A reading of the processors' clocks, in milliseconds since the machine started. */
export type Clocks = { readonly busy: number; readonly all: number };

/** All processors of the machine together, whoever used them. */
export function clocks(): Clocks {
  const each = cpus().map(({ times: { user, nice, sys, irq, idle } }) => ({ busy: user + nice + sys + irq, idle }));
  const busy = each.reduce((sum, one) => sum + one.busy, 0);
  return { busy, all: each.reduce((sum, one) => sum + one.idle, busy) };
}

/** The part of the machine's processors that was at work between two readings, from 0 to 1. Pure. */
export function busyBetween(from: Clocks, to: Clocks): number {
  return to.all <= from.all ? 0 : (to.busy - from.busy) / (to.all - from.all);
}

/** That part over some seconds in which nothing is asked of anything. */
export async function busyAtRest(): Promise<number> {
  const from = clocks();
  await sleep(REST_MS);
  return busyBetween(from, clocks());
}
