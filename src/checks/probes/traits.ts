import type { RuntimeKind } from '../../topology/deployment.ts';

/** What a runtime's containment looks like from inside, as data: probes are made from it and judged by it. */
export type Traits = {
  readonly kind: RuntimeKind;
  /**
   * How a way out that is closed shows itself. `refused-here`: the service's own kernel has no way for the packet.
   * `nobody-answers`: a packet may be sent and gets nowhere (an internal bridge), so that silence is no failure by itself.
   */
  readonly closedWay: 'refused-here' | 'nobody-answers';
  /** Namespaces that every service has of its own, and those that only a service without a way out has. */
  readonly ownNamespaces: { readonly all: readonly string[]; readonly closed: readonly string[] };
  /** Resolvers on its own loopback that a service could have. */
  readonly loopbackResolvers: readonly string[];
  /** Names under which an engine shows its host. */
  readonly hostNames: readonly string[];
  /** Places where nothing can be written. */
  readonly sealed: readonly string[];
  /** Writable places where nothing can be run. */
  readonly noExec: readonly string[];
  /** Places of the host that hold something, and nothing inside. */
  readonly foreign: readonly string[];
  /** Writable mounts: `data` may hold no program that runs, `any` may. */
  readonly writableMounts: Readonly<Record<string, 'data' | 'any'>>;
  /** The folder of the sockets that a service was given; absent: it reaches others over networks. */
  readonly socketFolder?: string;
  /** Where lobsterpot's own control would be. */
  readonly controlSockets: readonly string[];
  /** Process limits that are set on each process; others are set for the service as a whole. */
  readonly processLimits: readonly ProcessLimit[];
  readonly systemCallFilter: boolean;
};

export type ProcessLimit = 'Max processes' | 'Max open files' | 'Max file size' | 'Max core file size';

/** Local processes in namespaces, see src/runtimes/process. */
export const PROCESS_TRAITS: Traits = {
  kind: 'process',
  closedWay: 'refused-here',
  ownNamespaces: { all: ['mnt', 'pid', 'ipc', 'uts', 'cgroup'], closed: ['net'] },
  loopbackResolvers: ['127.0.0.1', '127.0.0.53', '127.0.0.11'],
  hostNames: [],
  sealed: [
    '/',
    '/usr',
    '/usr/bin',
    '/etc',
    '/runtime',
    '/runtime/node_modules',
    '/config',
    '/secrets',
    '/opt/lobsterpot',
    '/dev',
    '/var',
    '/run',
    '/proc/sys/kernel',
    '/usr/bin/perl',
    '/opt/lobsterpot/launcher.mjs',
    '/opt/lobsterpot/names.mjs',
    '/etc/resolv.conf',
    '/runtime/node_modules/openclaw/openclaw.mjs',
    '/etc/passwd',
    '/proc/sys/kernel/core_pattern',
    '/proc/sysrq-trigger',
  ],
  noExec: ['/state', '/tmp', '/dev/shm'],
  foreign: [
    '/root',
    '/home',
    '/etc/shadow',
    '/etc/machine-id',
    '/etc/ssh',
    '/var/log',
    '/var/lib',
    '/boot',
    '/srv',
    '/sys/kernel',
    '/sys/class',
    '/proc/1/root',
    '/proc/1/environ',
    '/proc/1/mem',
    '/proc/kcore',
    '/dev/mem',
    '/dev/kmsg',
    '/dev/sda',
    '/dev/vda',
    '/dev/nvme0n1',
    '/Users',
    '/volume1',
  ],
  writableMounts: { '/state': 'data', '/tmp': 'data', '/dev/shm': 'data', '/dev/pts': 'data', '/proc': 'data' },
  socketFolder: '/sock',
  controlSockets: ['/sock/gate/control/in.sock', '/supervisor/control.sock'],
  processLimits: ['Max processes', 'Max open files', 'Max file size', 'Max core file size'],
  systemCallFilter: true,
};

/** What of an engine decides how its containers look from inside. */
export type EngineTraits = {
  readonly seccomp: boolean;
  /** With version 1 a container shares the control groups' names with its host. */
  readonly cgroupVersion: '1' | '2';
  /** As `uname -r` tells it. */
  readonly kernel?: string;
};

/** Containers, see src/runtimes/docker. */
export function dockerTraits({ seccomp, cgroupVersion }: EngineTraits): Traits {
  return {
    kind: 'docker',
    closedWay: 'nobody-answers',
    ownNamespaces: { all: ['mnt', 'pid', 'ipc', 'uts', 'net', ...(cgroupVersion === '2' ? ['cgroup'] : [])], closed: [] },
    loopbackResolvers: ['127.0.0.1', '127.0.0.53', '127.0.0.11'],
    hostNames: ['host.docker.internal', 'gateway.docker.internal', 'docker.for.mac.localhost'],
    sealed: [
      '/',
      '/usr',
      '/usr/local/bin',
      '/etc',
      '/app',
      '/config',
      '/secrets',
      '/opt/lobsterpot',
      '/dev',
      '/var',
      '/run',
      '/home',
      '/sys/kernel',
      '/proc/sys/kernel',
      '/usr/local/bin/node',
      '/opt/lobsterpot/answer-watch.mjs',
      '/opt/lobsterpot/disk-watch.mjs',
      '/opt/lobsterpot/launcher.mjs',
      '/opt/lobsterpot/names.mjs',
      '/opt/lobsterpot/spec.json',
      '/app/openclaw.mjs',
      '/etc/passwd',
      '/etc/group',
      '/etc/hosts',
      '/etc/resolv.conf',
      '/proc/sys/kernel/core_pattern',
      '/proc/sysrq-trigger',
    ],
    // Docker mounts a folder of the host without noexec: /state is told of as not enforced.
    noExec: ['/tmp', '/run/lobsterpot', '/dev/shm'],
    // What belongs to the image is not the host's: its homes, its keys of nobody, its package data.
    foreign: [
      '/root',
      '/etc/shadow',
      '/boot',
      '/srv',
      '/mnt',
      '/media',
      '/host',
      '/hostfs',
      '/rootfs',
      '/var/lib/docker',
      '/var/lib/containerd',
      '/dev/mem',
      '/dev/kmsg',
      '/dev/sda',
      '/dev/vda',
      '/dev/nvme0n1',
      '/Users',
      '/Volumes',
      '/volume1',
      '/volumeUSB1',
    ],
    writableMounts: {
      '/state': 'any',
      '/tmp': 'data',
      '/run/lobsterpot': 'data',
      '/dev/shm': 'data',
      '/dev/pts': 'data',
      '/dev/mqueue': 'data',
      '/proc': 'data',
      '/sys/fs/cgroup': 'data',
      // Only root could write there.
      '/dev': 'any',
    },
    controlSockets: ['/run/lobsterpot/control.sock'],
    processLimits: ['Max open files', 'Max file size', 'Max core file size'],
    systemCallFilter: seccomp,
  };
}
