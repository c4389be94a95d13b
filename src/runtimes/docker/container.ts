import { join } from 'node:path';

import type { Owner } from '../../hosts/host.ts';
import { kernelWorkarounds } from '../../openclaw/kernel-workarounds.ts';
import type { Service } from '../../services/service.ts';
import type { Place } from '../runtime.ts';
import { INSIDE, LAYOUT } from './layout.ts';
import { listenerPort } from './launch.ts';
import { attachmentsOf, sinkholeFor, type Attachment, type PlannedNetwork } from './networks.ts';
import type { DockerTarget } from './target.ts';

/** Everything that decides how a service's container is made; what runs in it is the launcher's specification. */
export type ContainerPlan = {
  readonly image: string;
  readonly hostname: string;
  readonly identity: Owner;
  readonly env: Readonly<Record<string, string>>;
  readonly memoryMiB?: number;
  /** Without it a service could swap as much again. */
  readonly limitSwap: boolean;
  readonly pids?: number;
  readonly cpus?: number;
  readonly cpuset?: string;
  readonly cpuShares: number;
  /** Where there is no group for processes: a limit of the service's own number, which no other service has. */
  readonly processes?: number;
  readonly openFiles: number;
  readonly fileBytes: number;
  /** As Docker writes them: `/tmp:rw,noexec,...`. */
  readonly tmpfs: readonly string[];
  readonly mounts: readonly Mount[];
  readonly networks: readonly Attachment[];
  readonly dns: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  /** `address:port:container port`. */
  readonly ports: readonly string[];
  readonly stopSeconds: number;
  readonly startSeconds: number;
};

export type Mount = { readonly source: string; readonly target: string; readonly readOnly: boolean };

// The launcher has threads of its own, and a moment of overlap at a restart must not be the limit.
const EXTRA_PROCESSES = 32;
const LAUNCHER_GRACE_S = 5;
const MIB = 1024 ** 2;

/** The environment a service gets on this host: what its kernel needs is added. */
export function environmentOf(service: Service, target: DockerTarget): Service['env'] {
  return service.role === 'gateway' ? { ...service.env, ...kernelWorkarounds(target) } : service.env;
}

/** How a service's container is made on this host. Pure. */
export function containerPlan(
  service: Service,
  of: { readonly identity: Owner; readonly place: Place; readonly target: DockerTarget; readonly networks: readonly PlannedNetwork[] },
): ContainerPlan {
  const { identity, target, networks } = of;
  const { limits } = service;
  const dns = sinkholeFor(service, networks);
  return {
    image: target.image,
    hostname: service.hostname,
    identity,
    env: environmentOf(service, target),
    ...(target.can.memory ? { memoryMiB: limits.memoryMiB } : {}),
    limitSwap: target.can.memory && target.can.swap,
    ...(target.can.pids ? { pids: limits.processes + EXTRA_PROCESSES } : { processes: limits.processes + EXTRA_PROCESSES }),
    ...cpuLimit(service, target),
    openFiles: limits.openFiles,
    fileBytes: limits.fileMiB * MIB,
    tmpfs: [
      tmpfs('/tmp', identity, limits.tmpMiB),
      // Its content says whether the service is healthy, and holds the sockets that only the operator reaches.
      tmpfs(INSIDE.run, identity, 1),
    ],
    mounts: mounts(service, of.place.root, dns),
    networks: attachmentsOf(service.name, networks),
    dns: dns === undefined ? [] : [dns],
    sysctls: target.ipv6 ? { 'net.ipv6.conf.all.disable_ipv6': '1', 'net.ipv6.conf.default.disable_ipv6': '1' } : {},
    ports: ports(service),
    stopSeconds: Math.ceil(service.stopGraceMs / 1000) + LAUNCHER_GRACE_S,
    startSeconds: Math.ceil(service.health.timeoutMs / 1000),
  };
}

// Docker gives a tmpfs without uid and mode back as root's 0755 after a restart (measured on 20.10).
function tmpfs(path: string, { uid, gid }: Owner, sizeMiB: number): string {
  return `${path}:rw,noexec,nosuid,nodev,size=${sizeMiB}m,mode=0700,uid=${uid},gid=${gid}`;
}

/** Agents' services leave one processor to the rest of the host; the small ones between them go first. */
function cpuLimit({ role }: Service, { cpus, can }: DockerTarget): Pick<ContainerPlan, 'cpus' | 'cpuset' | 'cpuShares'> {
  const heavy = role === 'gateway' || role === 'node';
  const most = Math.max(1, cpus - 1);
  const cpuShares = heavy ? 512 : 1024;
  if (can.cpuQuota) return { cpus: heavy ? most : 1, cpuShares };
  return heavy && can.cpuSet && cpus > 1 ? { cpuset: most === 1 ? '0' : `0-${most - 1}`, cpuShares } : { cpuShares };
}

/** What is published on every address is not published on one of them again: the engine refuses the second. */
function ports({ published, listeners }: Service): readonly string[] {
  const everywhere = new Set(published.filter((one) => one.address === '0.0.0.0').map((one) => one.port));
  return published
    .filter(({ address, port }) => address === '0.0.0.0' || !everywhere.has(port))
    .map(({ address, port, listener }) => {
      const index = listeners.findIndex((one) => one.name === listener);
      return `${address}:${port}:${listenerPort(index)}`;
    });
}

function mounts({ name, volumes = [] }: Service, root: string, dns: string | undefined): readonly Mount[] {
  const at = (path: string, target: string, readOnly: boolean): Mount => ({ source: join(root, path), target, readOnly });
  return [
    at(LAYOUT.launcher, INSIDE.launcher, true),
    at(LAYOUT.answerWatch, INSIDE.answerWatch, true),
    at(LAYOUT.diskWatch, INSIDE.diskWatch, true),
    at(LAYOUT.names, INSIDE.names, true),
    at(LAYOUT.spec(name), INSIDE.spec, true),
    // ssh and Node ask for the name of their own uid.
    at(LAYOUT.passwd(name), '/etc/passwd', true),
    at(LAYOUT.group(name), '/etc/group', true),
    // Instead of the engine's own resolver, which engines of today do not pass a question on from: nobody would learn of it.
    ...(dns === undefined ? [] : [at(LAYOUT.resolver(name), '/etc/resolv.conf', true)]),
    at(LAYOUT.config(name), INSIDE.config, true),
    at(LAYOUT.secrets(name), INSIDE.secrets, true),
    at(LAYOUT.state(name), INSIDE.state, false),
    ...volumes.map(({ path, readOnly }) => ({ source: path, target: path, readOnly })),
  ];
}
