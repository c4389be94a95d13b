import type { HostFacts } from '../../../hosts/host.ts';
import type { DiskLook, Look, PathLook } from '../../../hosts/look.ts';
import type { Service } from '../../../services/service.ts';
import type { Asked, ReadyEngine, Seen } from '../host/host-check.ts';

/** Places of a plain Linux host, a Synology and a Mac on which everything is well, each with what it could be asked. */
export type GoodHost = 'linux' | 'synology' | 'mac';

const DISK: DiskLook = { device: '/dev/sda1', freeMiB: 50_000, mountedAt: '/volume1' };

/** A folder of that owner and mode. */
export function folderLook(at: string, more: Partial<PathLook> = {}): PathLook {
  return {
    state: 'there',
    at,
    kind: 'folder',
    isLink: false,
    mode: 0o755,
    owner: { uid: 1026, gid: 100 },
    acl: false,
    access: { read: true, write: true, enter: true },
    disk: DISK,
    ...more,
  };
}

const ENGINE: ReadyEngine = {
  kind: 'ready',
  path: '/usr/bin/docker',
  version: '27.3.1',
  apiVersion: '1.47',
  compose: { form: 'plugin', path: '/usr/bin/docker', version: '2.29.7' },
  networks: [
    { name: 'bridge', driver: 'bridge', subnets: ['172.17.0.0/16'] },
    { name: 'lobsterpot-home.gate', driver: 'bridge', subnets: ['10.87.16.0/29'] },
  ],
  info: {
    CpuCfsQuota: true,
    CPUSet: true,
    PidsLimit: true,
    MemoryLimit: true,
    SwapLimit: true,
    SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=cgroupns'],
    CgroupVersion: '2',
    CgroupDriver: 'systemd',
    Driver: 'overlay2',
    LoggingDriver: 'json-file',
    Plugins: { Log: ['json-file', 'journald', 'none'] },
    DockerRootDir: '/var/lib/docker',
    NCPU: 8,
    MemTotal: 16 * 1024 ** 3,
    Architecture: 'x86_64',
    KernelVersion: '6.1.0-18-amd64',
    OperatingSystem: 'Debian GNU/Linux 12 (bookworm)',
    OSType: 'linux',
    ServerVersion: '27.3.1',
    Warnings: ['WARNING: No blkio throttle.read_bps_device support'],
  },
};

const FACTS: HostFacts = {
  platform: 'linux',
  arch: 'x64',
  kernel: '6.1.0-18-amd64',
  uid: 1026,
  gid: 100,
  user: 'admin',
  home: '/home/admin',
  memoryMiB: 16_384,
  availableMiB: 12_000,
  freeDiskMiB: 50_000,
  tools: {},
  clockSkewMs: 120,
  routes: [
    { subnet: '0.0.0.0/0', device: 'eth0' },
    { subnet: '192.168.1.0/24', device: 'eth0' },
    { subnet: '10.87.16.0/29', device: 'br-1' },
  ],
  listening: [{ address: '0.0.0.0', port: 22 }],
  docker: ENGINE,
};

const LOOK: Look = {
  paths: new Map([
    ['~/', folderLook('/home/admin')],
    ['/volume1/docker/openclaw/home', folderLook('/volume1/docker', { state: 'absent' })],
    ['/volume1/photos', folderLook('/volume1/photos')],
  ]),
  addresses: ['127.0.0.1', '192.168.1.20'],
  users: new Map([
    [0, 'root'],
    [1026, 'admin'],
  ]),
  groups: ['users', 'administrators'],
  accounts: new Map([
    [
      'admin',
      {
        owner: { uid: 1026, gid: 100 },
        home: '/home/admin',
        place: {
          home: { kind: 'directory', mode: 0o755, owner: { uid: 1026, gid: 100 } },
          folder: { kind: 'absent' },
          file: { kind: 'absent' },
        },
        isHidden: false,
      },
    ],
  ]),
  sshd: { tcpForwarding: 'yes' },
  engineDisk: DISK,
  running: new Set(),
  image: { os: 'linux', arch: 'amd64', id: `sha256:${'0'.repeat(64)}` },
};

const ASKED: Asked = {
  host: 'box',
  kind: 'docker',
  isLocal: false,
  deployment: 'home',
  openclaw: '2026.9.6',
  image: 'ghcr.io/openclaw/openclaw:2026.9.6',
  root: '/volume1/docker/openclaw/home',
  services: [
    serviceOf('gateway', { published: [{ address: '192.168.1.20', port: 18_789, listener: 'ui' }] }),
    serviceOf('node', { volumes: [{ path: '/volume1/photos', readOnly: true }] }),
  ],
  subnet: '10.87.16.0/20',
  linksHere: [{ kind: 'ssh-tunnel', node: 'nas', user: 'admin', address: '192.168.1.20', port: 22 }],
};

/** What is read on such a host. */
export const GOOD_SEEN: Readonly<Record<GoodHost, Seen>> = {
  linux: { asked: ASKED, facts: FACTS, look: LOOK },
  synology: { asked: ASKED, facts: { ...FACTS, dsm: { version: '7.2.2', build: '72806' } }, look: LOOK },
  mac: {
    asked: { ...ASKED, root: '/Users/admin/openclaw/home' },
    facts: {
      ...FACTS,
      platform: 'darwin',
      arch: 'arm64',
      macos: { version: '15.5', build: '24F74' },
      docker: { ...ENGINE, info: { ...ENGINE.info, OperatingSystem: 'OrbStack' } },
    },
    look: {
      ...LOOK,
      paths: new Map([...LOOK.paths, ['/Users/admin/openclaw/home', folderLook('/Users/admin/openclaw')]]),
      power: { sleep: 0, autoRestart: true },
      fileVault: false,
      autoLogin: 'admin',
    },
  },
};

/** A service of that role with nothing special about it. */
export function serviceOf(role: Service['role'], more: Partial<Service> = {}): Service {
  return {
    name: `${role}-home`,
    role,
    key: 'home',
    host: 'box',
    hostname: role,
    command: [],
    env: {},
    files: [],
    secrets: [],
    network: 'none',
    listeners: [],
    forwards: [],
    published: [],
    limits: { memoryMiB: 2048, processes: 512, openFiles: 4096, fileMiB: 4096, tmpMiB: 256 },
    health: { kind: 'running', timeoutMs: 1000 },
    after: [],
    stopGraceMs: 1000,
    ...more,
  };
}
