import type { ContainerPlan } from '../../runtimes/docker/container.ts';
import { networkName } from '../../runtimes/docker/layout.ts';
import type { Spec } from '../../runtimes/docker/spec.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import type { SeenContainer } from './docker-view.ts';

/** What judging one container needs. */
export type ContainerCase = {
  readonly spec: Spec;
  readonly seen: SeenContainer;
  /** What the planned image stands for on the host; absent: it was not told. */
  readonly imageId?: string;
  readonly cgroupVersion: '1' | '2';
};

/** A check of a container by what Docker itself says of it: everything that is wrong, or nothing. */
export type ContainerCheck = CheckInfo & { readonly wrong: (one: ContainerCase) => readonly string[] };

const common = { from: 'host', runtimes: ['docker'], severity: 'critical' } as const;

/** What Docker says of each container, compared with the plan. */
export const CONTAINER_CHECKS: readonly ContainerCheck[] = [
  {
    ...common,
    id: 'docker.privileged',
    title: 'no container is privileged or has a device',
    tries: 'reading docker inspect: privileged, devices, device rules, volumes of other containers',
    sabotage: 'a device of the host is given',
    wrong: ({ seen: { HostConfig: config } }) => [
      ...(config.Privileged ? ['privileged'] : []),
      ...some('devices', config.Devices),
      ...some('device requests', config.DeviceRequests),
      ...some('device rules', config.DeviceCgroupRules),
      ...some("another container's volumes", config.VolumesFrom),
    ],
  },
  {
    ...common,
    id: 'docker.namespaces',
    title: "no container shares a namespace of its host's or of another container",
    tries: 'reading docker inspect: network, process, memory, name, user and control group modes',
    sabotage: 'the processes of the host are shared',
    wrong: ({ seen: { HostConfig: config }, cgroupVersion }) => [
      ...foreign('network', config.NetworkMode),
      ...foreign('processes', config.PidMode),
      ...foreign('memory', config.IpcMode),
      ...foreign('host name', config.UTSMode),
      ...foreign('users', config.UsernsMode),
      // With version 1 of the control groups the host's is the engine's default.
      ...(cgroupVersion === '2' ? foreign('control groups', config.CgroupnsMode ?? '') : []),
    ],
  },
  {
    ...common,
    id: 'docker.capabilities',
    title: 'every container has all capabilities taken away',
    tries: 'reading docker inspect: capabilities added and dropped',
    sabotage: 'a capability is added',
    wrong: ({ seen: { HostConfig: config } }) => [
      ...some('added', config.CapAdd),
      ...((config.CapDrop ?? []).includes('ALL') ? [] : ['not all are dropped']),
    ],
  },
  {
    ...common,
    id: 'docker.security-options',
    title: "no container may gain rights, and the engine's filters are on",
    severity: 'high',
    tries: 'reading docker inspect: no-new-privileges, and no filter switched off',
    sabotage: 'new privileges are let in',
    wrong: ({ seen: { HostConfig: config } }) => {
      const options = config.SecurityOpt ?? [];
      const others = options.filter((one) => !/^no-new-privileges(?:[:=]true)?$/.test(one));
      return [...(options.length > others.length ? [] : ['no-new-privileges is not set']), ...others];
    },
  },
  {
    ...common,
    id: 'docker.read-only',
    title: 'the image cannot be changed by what runs from it',
    severity: 'high',
    tries: 'reading docker inspect: a read-only root, and scratch folders exactly as planned',
    sabotage: 'the root of a container is writable',
    wrong: ({ seen: { HostConfig: config }, spec }) => [
      ...(config.ReadonlyRootfs ? [] : ['its root is writable']),
      ...different(
        'scratch folder',
        spec.container.tmpfs,
        Object.entries(config.Tmpfs ?? {}).map(([path, options]) => `${path}:${options}`),
      ),
    ],
  },
  {
    ...common,
    id: 'docker.user',
    title: 'every container runs as the number of its service',
    tries: 'reading docker inspect: user and further groups',
    sabotage: 'a container runs as root',
    wrong: ({ seen: { Config, HostConfig }, spec: { container } }) => [
      ...unlike('user', `${container.identity.uid}:${container.identity.gid}`, Config.User),
      ...some('further groups', HostConfig.GroupAdd),
    ],
  },
  {
    ...common,
    id: 'docker.mounts',
    title: 'a container sees exactly the planned folders of its host',
    tries: "reading docker inspect: each mount with its source, place and whether it is writable; the engine's socket is never one",
    sabotage: 'the docker socket is given to a container',
    wrong: ({ seen, spec }) =>
      different(
        'mount',
        spec.container.mounts.map(({ source, target, readOnly }) => `${source} at ${target}${readOnly ? '' : ' (writable)'}`),
        seen.Mounts.map(
          ({ Type, Source = '', Destination, RW }) =>
            `${Type === 'bind' ? '' : `${Type} `}${Source} at ${Destination}${RW ? ' (writable)' : ''}`,
        ),
      ),
  },
  {
    ...common,
    id: 'docker.networks',
    title: 'a container is in exactly the planned networks',
    tries: "reading docker inspect: each network with the container's address in it",
    sabotage: 'a service gets a way out of its own',
    wrong: ({ seen, spec }) =>
      different(
        'network',
        spec.container.networks.map(({ key, address }) => `${networkName(spec.deployment, key)} as ${address}`),
        Object.entries(seen.NetworkSettings.Networks)
          .filter(([name]) => name !== 'none')
          .map(([name, { IPAddress, GlobalIPv6Address = '' }]) => `${name} as ${IPAddress}${GlobalIPv6Address}`),
      ),
  },
  {
    ...common,
    id: 'docker.published',
    title: 'exactly the planned ports are published, at the planned addresses',
    tries: 'reading docker inspect: the ports that were asked for and those that are bound',
    sabotage: 'a port is published on every address',
    wrong: ({ seen: { HostConfig, NetworkSettings }, spec }) => [
      ...different('port', spec.container.ports, portsOf(HostConfig.PortBindings)),
      ...different('bound port', spec.container.ports, portsOf(NetworkSettings.Ports)),
    ],
  },
  {
    ...common,
    id: 'docker.resolver',
    title: 'a container asks no resolver but the planned one, and knows no further name',
    severity: 'high',
    tries: 'reading docker inspect: resolvers and added names',
    sabotage: 'another resolver is given',
    wrong: ({ seen: { HostConfig: config }, spec }) => [
      ...different('resolver', spec.container.dns, config.Dns ?? []),
      ...some('added names', config.ExtraHosts),
    ],
  },
  {
    ...common,
    id: 'docker.kernel-settings',
    title: 'IPv6 is switched off in every container',
    severity: 'high',
    tries: 'reading docker inspect: the settings of the kernel for the container',
    sabotage: 'IPv6 is switched on',
    wrong: ({ seen, spec }) => different('setting', settings(spec.container.sysctls), settings(seen.HostConfig.Sysctls ?? {})),
  },
  {
    ...common,
    id: 'docker.image',
    title: 'a container was made from exactly the pinned image',
    severity: 'high',
    tries: 'reading docker inspect: the reference and the id of the image, and the program that is started',
    sabotage: 'a container is made from another image',
    wrong: ({ seen, spec, imageId }) => [
      ...unlike('image', spec.container.image, seen.Config.Image),
      ...(imageId === undefined ? [] : unlike('image id', imageId, seen.Image)),
      ...unlike(
        'program',
        '/usr/local/bin/node /opt/lobsterpot/launcher.mjs /opt/lobsterpot/spec.json',
        [...(seen.Config.Entrypoint ?? []), ...(seen.Config.Cmd ?? [])].join(' '),
      ),
    ],
  },
  {
    ...common,
    id: 'docker.restart',
    title: 'a container comes back after a crash and after a restart of its host',
    severity: 'medium',
    tries: 'reading docker inspect: the restart policy',
    sabotage: 'the restart policy is taken away',
    wrong: ({ seen }) => unlike('restart', 'always', seen.HostConfig.RestartPolicy.Name),
  },
  {
    ...common,
    id: 'docker.log-bounds',
    title: 'the logs of a container do not fill the disk',
    severity: 'medium',
    tries: "reading docker inspect: the log's driver and bounds",
    sabotage: 'the bounds of a log are taken away',
    wrong: ({
      seen: {
        HostConfig: { LogConfig: log },
      },
    }) => [
      ...unlike('log driver', 'json-file', log.Type),
      ...unlike('largest log', '10m', log.Config?.['max-size'] ?? 'unbounded'),
      ...unlike('logs kept', '3', log.Config?.['max-file'] ?? 'one'),
    ],
  },
];

export const LIMITS = {
  ...common,
  id: 'docker.limits',
  title: 'memory, processes and processor time are limited',
  severity: 'medium',
  tries: 'reading docker inspect: the limits that the engine has really set; what its kernel cannot limit is not enforced',
  sabotage: 'the limits of a container are taken away',
} as const satisfies CheckInfo;

const MIB = 1024 ** 2;

/** Limits that are looser than planned, and those that this engine cannot have. */
export function looseLimits({ spec, seen: { HostConfig: config } }: Pick<ContainerCase, 'spec' | 'seen'>): {
  readonly wrong: readonly string[];
  readonly missing: readonly string[];
} {
  const plan: ContainerPlan = spec.container;
  const within = (name: string, want: number | undefined, is: number): readonly string[] =>
    want === undefined || (is > 0 && is <= want) ? [] : [`${name} ${is > 0 ? is : 'unlimited'} and not ${want}`];
  const bytes = plan.memoryMiB === undefined ? undefined : plan.memoryMiB * MIB;
  return {
    wrong: [
      ...within('memory', bytes, config.Memory),
      ...within('memory with swap', plan.limitSwap ? bytes : undefined, config.MemorySwap),
      ...within('processes', plan.pids, config.PidsLimit ?? 0),
      ...within('processors', plan.cpus === undefined ? undefined : plan.cpus * 1e9, config.NanoCpus),
      ...(plan.cpuset === undefined ? [] : unlike('processors', plan.cpuset, config.CpusetCpus)),
    ],
    missing: [
      ...(plan.memoryMiB === undefined ? ['memory'] : []),
      ...(plan.pids === undefined ? ['processes'] : []),
      ...(plan.cpus === undefined ? ['processor time'] : []),
    ],
  };
}

function settings(all: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(all).map(([key, value]) => `${key}=${value}`);
}

function some(what: string, list: readonly unknown[] | null | undefined): readonly string[] {
  if (!list || list.length === 0) return [];
  return [`${what}: ${list.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join(', ')}`];
}

function foreign(what: string, mode: string): readonly string[] {
  return mode === 'host' || mode.startsWith('container:') ? [`${what}: ${mode}`] : [];
}

function unlike(what: string, want: string, is: string): readonly string[] {
  return want === is ? [] : [`${what} is ${is === '' ? 'not set' : is} and not ${want}`];
}

function different(what: string, want: readonly string[], is: readonly string[]): readonly string[] {
  return [
    ...is.filter((one) => !want.includes(one)).map((one) => `${what} that is not planned: ${one}`),
    ...want.filter((one) => !is.includes(one)).map((one) => `${what} missing: ${one}`),
  ];
}

type Bindings = SeenContainer['NetworkSettings']['Ports'];

function portsOf(bindings: Bindings): readonly string[] {
  const all = Object.entries(bindings ?? {}).flatMap(([inside, list]) =>
    (list ?? []).map(({ HostIp, HostPort }) => `${HostIp === '' ? '0.0.0.0' : HostIp}:${HostPort}:${inside.replace('/tcp', '')}`),
  );
  // An engine with IPv6 binds what is published on every address there too.
  return [...new Set(all.map((one) => (one.startsWith(':::') ? `0.0.0.0:${one.slice(3)}` : one)))];
}
