import { randomBytes } from 'node:crypto';

import type { RunResult } from '../../hosts/host.ts';
import type { ContainerPlan } from './container.ts';
import { ASK_MS, callDocker, mustDocker, type DockerEngine } from './engine.ts';
import { expandInImage, IMAGE_NODE } from './image-paths.ts';
import { containerName, INSIDE, LABELS, networkName } from './layout.ts';
import { neededFor } from './left-containers.ts';
import type { Spec } from './spec.ts';

type Run = { readonly stdin?: string; readonly timeoutMs: number };

const MAKE_MS = 60_000;

/**
 * Runs a command in a container like the service's own. While the service runs it shares that one's network, where the forwards are;
 * otherwise it has the service's networks, at addresses of its own.
 */
export async function runOnce(
  engine: DockerEngine,
  spec: Spec,
  running: boolean,
  command: readonly string[],
  options: Run,
): Promise<RunResult> {
  const name = `${containerName(spec.deployment, spec.service)}-once-${randomBytes(4).toString('hex')}`;
  const [first, ...others] = running ? [] : spec.container.networks;
  const network = running
    ? [`--network=container:${containerName(spec.deployment, spec.service)}`]
    : [
        `--hostname=${spec.container.hostname}`,
        ...spec.container.dns.map((one) => `--dns=${one}`),
        ...Object.entries(spec.container.sysctls).map(([key, value]) => `--sysctl=${key}=${value}`),
        ...(first ? [`--network=${networkName(spec.deployment, first.key)}`, `--ip=${first.beside}`] : ['--network=none']),
      ];
  const short = Object.entries(neededFor(MAKE_MS + options.timeoutMs)).map(([label, value]) => `--label=${label}=${value}`);
  const inner = [INSIDE.launcher, INSIDE.spec, running ? 'beside' : 'alone', ...expandInImage(command)];
  const args = ['create', `--name=${name}`, '--interactive', ...network, ...short, ...createArgs(spec), spec.container.image, ...inner];
  try {
    await mustDocker(engine, args, `make a container beside ${spec.service}`, { timeoutMs: MAKE_MS });
    for (const { key, beside } of others) {
      const connect = ['network', 'connect', `--ip=${beside}`, networkName(spec.deployment, key), name];
      await mustDocker(engine, connect, `join a network of ${spec.service}`, { timeoutMs: ASK_MS });
    }
    return await callDocker(engine, ['start', '--attach', '--interactive', name], options);
  } finally {
    // What could not be removed goes with the next run.
    await callDocker(engine, ['rm', '--force', '--volumes', name], { timeoutMs: ASK_MS });
  }
}

/** What makes a container like the service's own, but for its network. Pure. */
export function createArgs({ deployment, container }: Spec): readonly string[] {
  const plan: ContainerPlan = container;
  const { memoryMiB, pids, cpus, cpuset } = plan;
  return [
    `--label=${LABELS.deployment}=${deployment}`,
    `--user=${plan.identity.uid}:${plan.identity.gid}`,
    `--workdir=${INSIDE.state}`,
    `--entrypoint=${IMAGE_NODE}`,
    ...Object.entries(plan.env).map(([key, value]) => `--env=${key}=${value}`),
    '--read-only',
    '--init',
    '--cap-drop=ALL',
    '--security-opt=no-new-privileges',
    // What it says is the caller's: an answer may hold what belongs in no log.
    '--log-driver=none',
    '--no-healthcheck',
    ...(memoryMiB === undefined ? [] : [`--memory=${memoryMiB}m`]),
    ...(memoryMiB !== undefined && plan.limitSwap ? [`--memory-swap=${memoryMiB}m`] : []),
    ...(pids === undefined ? [] : [`--pids-limit=${pids}`]),
    ...(cpus === undefined ? [] : [`--cpus=${cpus}`]),
    ...(cpuset === undefined ? [] : [`--cpuset-cpus=${cpuset}`]),
    `--cpu-shares=${plan.cpuShares}`,
    '--ulimit=core=0',
    `--ulimit=fsize=${plan.fileBytes}`,
    `--ulimit=nofile=${plan.openFiles}`,
    ...(plan.processes === undefined ? [] : [`--ulimit=nproc=${plan.processes}`]),
    ...plan.tmpfs.map((one) => `--tmpfs=${one}`),
    ...plan.mounts.map((one) => `--mount=${mountText(one)}`),
  ];
}

function mountText({ source, target, readOnly }: ContainerPlan['mounts'][number]): string {
  return ['type=bind', csvField(`source=${source}`), csvField(`target=${target}`), ...(readOnly ? ['readonly'] : [])].join(',');
}

/** One field of Docker's comma-separated options. */
export function csvField(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
