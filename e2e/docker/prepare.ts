import { spawnSync } from 'node:child_process';
import { ensurePrograms, labRefused } from '../../lab/prerequisites.ts';
import { PLAIN_PATH, run } from '../../src/hosts/run.ts';

const OWN = { busybox: 'busybox', pgrep: 'procps', ldd: 'libc-bin' } as const;

/** Why there can be no engine here; undefined where there can, after the installation of what was missing. */
export async function engineRefusal(): Promise<string | undefined> {
  return labRefused() ?? (await missingPrograms());
}

/** Whether this machine has the first Compose, as Debian 12 has it; later systems have none. */
export async function firstCompose(): Promise<boolean> {
  if (process.getuid?.() === 0 && !has('docker-compose') && has('apt-cache')) {
    const offered = await run(['apt-cache', 'policy', 'docker-compose'], { timeoutMs: 30_000 });
    if (/Candidate: 1\.29/.test(offered.stdout)) await install(['docker-compose']);
  }
  return has('docker-compose') && (await run(['docker-compose', 'version', '--short'], { timeoutMs: 30_000 })).stdout.startsWith('1.');
}

async function missingPrograms(): Promise<string | undefined> {
  try {
    await ensurePrograms();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const missing = (): readonly string[] => Object.entries(OWN).flatMap(([tool, name]) => (has(tool) ? [] : [name]));
  if (missing().length > 0) await install(missing());
  return missing().length === 0
    ? undefined
    : `there is no ${missing().join(', ')} here (on Debian, as root: apt-get install ${missing().join(' ')})`;
}

async function install(packages: readonly string[]): Promise<void> {
  const env = { PATH: PLAIN_PATH, DEBIAN_FRONTEND: 'noninteractive', HOME: '/' };
  await run(['apt-get', 'install', '-y', '--no-install-recommends', ...packages], { timeoutMs: 300_000, env });
}

/** Whether a program is on the plain PATH. */
export function has(tool: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', tool], { env: { PATH: PLAIN_PATH } }).status === 0;
}
