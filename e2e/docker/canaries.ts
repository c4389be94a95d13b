import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../src/core/wait.ts';
import { PLAIN_PATH } from '../../src/hosts/run.ts';
import type { TestEngine } from './start-engine.ts';

/** Ports of a host that a service must never reach: ssh, the web pages of DSM, file sharing. */
export const HOST_PORTS = [22, 445, 5000, 5001] as const;

/** A service of the host or of its neighbour that is none of ours, and what reached it. */
export type Canary = AsyncDisposable & { seen(): readonly string[] };

/** Starts it on all addresses there. */
export async function startCanary(engine: TestEngine, where: 'host' | 'neighbour', ports: readonly number[]): Promise<Canary> {
  const log = join(engine.folder, `canary-${where}.log`);
  const [program = '', ...args] = engine.on(where);
  const child = spawn(program, [...args, process.execPath, join(import.meta.dirname, 'canary.mjs'), log, ...ports.map(String)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: PLAIN_PATH },
  });
  const seen = (): readonly string[] => {
    try {
      return readFileSync(log, 'utf8').trim().split('\n');
    } catch {
      return [];
    }
  };
  const up = await until(() => Promise.resolve(seen().includes('ready') ? true : undefined), { timeoutMs: 15_000, everyMs: 50 });
  if (up !== true) throw new Error(`the canary of the ${where} does not answer`);
  return {
    seen,
    [Symbol.asyncDispose]: () => {
      child.kill('SIGKILL');
      return Promise.resolve();
    },
  };
}
