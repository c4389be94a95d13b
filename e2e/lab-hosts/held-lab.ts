import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cgroupsOf } from '../../lab/sweep.ts';
import { processes } from '../support/processes.ts';
import { parseJson } from '../support/stage.ts';

const told = z.object({ id: z.string(), folder: z.string(), container: z.literal(true) });

/** A lab that another process made, with a container running in it. */
export type HeldLab = { readonly maker: ChildProcess; readonly id: string; readonly folder: string };

/** Starts that process and waits for the lab. */
export async function holdLab(): Promise<HeldLab> {
  const maker = spawn(process.execPath, [join(import.meta.dirname, 'hold.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line]: unknown[] = await once(maker.stdout, 'data', { signal: AbortSignal.timeout(120_000) });
    return { maker, ...told.parse(parseJson(String(line))) };
  } catch (error) {
    maker.kill('SIGKILL');
    throw error;
  }
}

/** What is left of a lab on this machine: its folder, its control groups, processes that name it. */
export function leftOf(lab: { readonly id: string; readonly folder: string }): readonly string[] {
  const running = processes().filter((one) => one.command.includes(lab.id));
  return [
    ...(existsSync(lab.folder) ? [lab.folder] : []),
    ...cgroupsOf(lab.id),
    ...running.map((one) => `${one.pid} ${one.command.replaceAll('\0', ' ')}`),
  ];
}

/** The watcher of a lab, by the folder that it watches. */
export function watcherOf(lab: { readonly id: string }): number | undefined {
  return processes().find((one) => one.command.includes('watch.ts') && one.command.includes(lab.id))?.pid;
}
