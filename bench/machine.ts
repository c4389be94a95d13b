import { cpus, loadavg, release, totalmem } from 'node:os';

/** What figures were measured on, as lines of a page; asked before and after, for who else was at work there. */
export function machineLines(before: readonly number[], after: readonly number[], date: string): readonly string[] {
  const load = (of: readonly number[]): string => of.map((one) => one.toFixed(1)).join(' ');
  return [
    `- Measured on ${date}: ${cpus().length} processors (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 1024 ** 3)} GiB, Linux ${release()}, Node ${process.versions.node}.`,
    `- Load of the machine (1, 5 and 15 minutes): ${load(before)} before, ${load(after)} after. The lab's hosts, their containers and the command line share its processors.`,
  ];
}

/** As the kernel counts it. */
export function load(): readonly number[] {
  return loadavg();
}
