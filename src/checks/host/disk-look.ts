import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { plainText } from '../../core/plain-text.ts';
import { reasonOf } from '../../core/problem.ts';
import { MEASURE, MEASURE_ENV, readMeasure, type DiskReading } from '../../runtimes/docker/inside/disk-watch.mjs';
import type { Runtime } from '../../runtimes/runtime.ts';

/** What was found in a service's state folder by looking there oneself. */
export type DiskLook = {
  readonly usage: DiskReading;
  readonly freeKiB: number;
  readonly sizeKiB: number;
  /** The folder is a file system of its own, which the host keeps within its size. */
  readonly isOwn: boolean;
};

const LOOK_MS = 25_000;
const MEASURE_MS = 20_000;

const told = z.object({
  stdout: z.string(),
  stderr: z.string(),
  timedOut: z.boolean(),
  freeKiB: z.number(),
  sizeKiB: z.number(),
  isOwn: z.boolean(),
});

/** Measures a running service's state, with its own rights and in its own view; a text says why that could not be done. */
export async function lookAtDisk(runtime: Pick<Runtime, 'inside'>, service: string): Promise<DiskLook | string> {
  const marker = `lobsterpot-${randomBytes(12).toString('hex')} `;
  try {
    const ran = await runtime.inside(service, ['{node}', '--input-type=module', '-'], { stdin: script(marker), timeoutMs: LOOK_MS });
    return (
      readDiskLook(ran.stdout, marker) ??
      `it could not be measured (${plainText(ran.stderr, 200).trim() || `exit ${ran.code ?? ran.signal}`})`
    );
  } catch (error) {
    return `it could not be measured (${reasonOf(error)})`;
  }
}

/** What the script reported; undefined when the one line is missing or is not of the known form. Pure. */
export function readDiskLook(stdout: string, marker: string): DiskLook | undefined {
  const lines = stdout.split('\n').filter((line) => line.startsWith(marker));
  if (lines.length !== 1) return undefined;
  try {
    const { stdout: out, stderr, timedOut, ...rest } = told.parse(JSON.parse(lines[0]?.slice(marker.length) ?? ''));
    return { ...rest, usage: readMeasure({ stdout: out, stderr, timedOut }) };
  } catch {
    return undefined;
  }
}

/** The state is the working directory inside; the configuration lies beside it on the host, so that another device means a file system of its own. */
function script(marker: string): string {
  return `import { spawnSync } from 'node:child_process';
import { statfsSync, statSync } from 'node:fs';
const input = ${JSON.stringify({ marker, measure: MEASURE, env: MEASURE_ENV, timeout: MEASURE_MS })};
const [command, ...args] = input.measure;
const du = spawnSync(command, args, { env: input.env, timeout: input.timeout, encoding: 'utf8' });
const { bsize, blocks, bavail } = statfsSync('.');
const device = (path) => statSync(path, { throwIfNoEntry: false })?.dev;
console.log(input.marker + JSON.stringify({
  stdout: du.stdout ?? '',
  stderr: (du.stderr ?? '').slice(0, 2000) + (typeof du.error?.code === 'string' ? du.error.message : ''),
  timedOut: du.signal !== null,
  freeKiB: Math.floor(bavail * bsize / 1024),
  sizeKiB: Math.floor(blocks * bsize / 1024),
  isOwn: device('/config') !== undefined && device('/config') !== device('.'),
}));
`;
}
