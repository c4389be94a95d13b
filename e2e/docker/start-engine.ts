import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeProgram } from '../../lab/image/compose.ts';
import { labFolders } from '../../lab/start-lab.ts';
import { until } from '../../src/core/wait.ts';
import type { Host } from '../../src/hosts/host.ts';
import { has } from './prepare.ts';
import { localHost } from '../../src/hosts/local-host.ts';
import { PLAIN_PATH } from '../../src/hosts/run.ts';
import type { DockerEngine } from '../../src/runtimes/docker/engine.ts';

/** The host of the engine on its LAN, its neighbour there, and what stands for the internet behind that. */
export const NET = { host: '192.168.77.5', neighbour: '192.168.77.9', internet: '198.51.100.7', docker0: '172.31.250.1' } as const;

const PREFIX = 'lobsterpot-engine-';
const OWNER = 'owner';

/** A real Docker engine with a data folder, a network and a process namespace of its own; nothing of it outlives this process. */
export type TestEngine = AsyncDisposable & {
  readonly folder: string;
  readonly host: Host;
  /** With Compose v2. */
  readonly engine: DockerEngine;
  /** With docker-compose 1.29, where this machine has it. */
  readonly old: DockerEngine | undefined;
  /** The first words of a command in the host's network, or in its neighbour's. */
  on(where: 'host' | 'neighbour'): readonly string[];
};

/** Starts it, with a copy of the images in `store` (the data folder of another engine); a few seconds. */
export async function startEngine(options: { readonly store?: string } = {}): Promise<TestEngine> {
  sweep();
  const folder = mkdtempSync(join(tmpdir(), PREFIX));
  writeFileSync(join(folder, OWNER), String(process.pid));
  if (options.store !== undefined) spawnSync('cp', ['-a', options.store, join(folder, 'data')]);
  const chain = [
    '--pdeathsig',
    'KILL',
    'unshare',
    '--net',
    '--mount',
    '--propagation',
    'private',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
  const child = spawn('setpriv', [...chain, '/bin/sh', join(import.meta.dirname, 'engine.sh'), folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: PLAIN_PATH },
  });
  const host = localHost('here');
  const docker = ['docker', '--host', `unix://${folder}/docker.sock`];
  const config = join(folder, 'client');
  const env = { PATH: PLAIN_PATH, HOME: folder, DOCKER_CONFIG: config };
  const up = await until(async () => ((await host.run([...docker, 'version'], { timeoutMs: 10_000, env })).code === 0 ? true : undefined), {
    timeoutMs: 60_000,
    everyMs: 250,
  });
  if (up !== true) throw new Error(`no engine: ${readFileSync(join(folder, 'dockerd.log'), 'utf8').slice(-2000)}`);
  mkdirSync(join(config, 'cli-plugins'), { recursive: true });
  const { cache } = labFolders();
  mkdirSync(cache, { recursive: true });
  symlinkSync(await composeProgram(cache), join(config, 'cli-plugins/docker-compose'));
  const first = Number(spawnSync('pgrep', ['--parent', String(child.pid)], { encoding: 'utf8' }).stdout.trim());
  const neighbour = (): number => childOf(first, 'sleep');
  return {
    folder,
    host,
    engine: { host, docker, compose: [...docker, 'compose'], env },
    old: has('docker-compose') ? { host, docker, compose: ['docker-compose', '--host', `unix://${folder}/docker.sock`], env } : undefined,
    on: (where) => ['nsenter', '--target', String(where === 'host' ? first : neighbour()), '--net'],
    [Symbol.asyncDispose]: async () => {
      const all = await host.run([...docker, 'ps', '--all', '--quiet'], { timeoutMs: 20_000, env });
      const ids = all.stdout.split('\n').filter((line) => line !== '');
      // Their control groups go with them.
      if (ids.length > 0) await host.run([...docker, 'rm', '--force', ...ids], { timeoutMs: 60_000, env });
      const gone = once(child, 'exit', { signal: AbortSignal.timeout(20_000) });
      process.kill(first, 'SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Folders of engines whose test was ended by force; nothing runs in them any more. */
function sweep(): void {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(PREFIX))) {
    const owner = join(tmpdir(), name, OWNER);
    if (existsSync(owner) && !existsSync(`/proc/${readFileSync(owner, 'utf8')}`))
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function childOf(parent: number, name: string): number {
  return Number(
    spawnSync('pgrep', ['--parent', String(parent), '--exact', name], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n')[0],
  );
}
