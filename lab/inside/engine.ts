import { chmodSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { until } from '../../src/core/wait.ts';
import type { HostMachine } from '../machines.ts';
import type { Settings } from '../settings.ts';
import { must, startService, within } from './act.ts';
import { SECCOMP_FILE } from './host-files.ts';

const START_LIMIT_MS = 60_000;

/** Starts the engine of a host and waits until it answers. */
export async function startEngine({ name, kind }: HostMachine, holder: number, folder: string, settings: Settings): Promise<void> {
  const odd = settings.nas;
  const forRoot = kind === 'nas' && odd.dockerNeedsSudo;
  const argv = [
    ...within(holder),
    'dockerd',
    '--data-root=/var/lib/docker',
    '--exec-root=/run/docker',
    '--pidfile=/run/docker.pid',
    '--host=unix:///run/docker.sock',
    `--group=${forRoot ? 'root' : 'docker'}`,
    `--cgroup-parent=/lobsterpot-lab-${settings.id}/${name}`,
    ...(kind === 'nas' && odd.oldKernel ? ['--seccomp-profile', SECCOMP_FILE] : []),
  ];
  const log = join(folder, `${name}-dockerd.log`);
  const engine = startService(argv, log);
  const socket = `/proc/${holder}/root/run/docker.sock`;
  const up = await until(async () => (engine.exitCode !== null ? false : (await answers(socket)) ? true : undefined), {
    timeoutMs: START_LIMIT_MS,
    everyMs: 100,
  });
  if (up !== true) throw new Error(`the engine of ${name} did not start: ${(await must(['tail', '-n', '5', log])).trim()}`);
  if (forRoot) chmodSync(socket, 0o600);
}

/** Starts the sshd of a host and waits until its port is open, over the lab's LAN. */
export async function startSshd({ name, address }: HostMachine, holder: number, folder: string): Promise<void> {
  const log = join(folder, `${name}-sshd.log`);
  const sshd = startService([...within(holder), '/usr/sbin/sshd', '-D', '-e'], log);
  const up = await until(async () => (sshd.exitCode !== null ? false : (await opens(address)) ? true : undefined), {
    timeoutMs: START_LIMIT_MS,
    everyMs: 50,
  });
  if (up !== true) throw new Error(`the sshd of ${name} did not start: ${(await must(['tail', '-n', '5', log])).trim()}`);
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: '/_ping', timeout: 2000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
    asked.end();
  });
}

function opens(host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port: 22, timeout: 1000 });
    const end = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
