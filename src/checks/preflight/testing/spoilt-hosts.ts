import type { HostFacts } from '../../../hosts/host.ts';
import type { AccountLook, Look, PathLook } from '../../../hosts/look.ts';
import { identities } from '../../../runtimes/process/identity.ts';
import type { Asked, ReadyEngine, Seen } from '../host/host-check.ts';
import { folderLook, GOOD_SEEN, serviceOf, type GoodHost } from './good-hosts.ts';

/** A good host with one thing wrong, and the one check that has to say so. */
export type SpoiltHost = {
  readonly name: string;
  readonly finds: string;
  /** What cannot but be told beside it. */
  readonly also: readonly string[];
  readonly on: GoodHost;
  readonly spoil: (seen: Seen) => Seen;
};

type Change = {
  readonly asked?: Partial<Asked>;
  readonly facts?: Partial<HostFacts>;
  readonly look?: Partial<Look>;
  readonly engine?: Partial<ReadyEngine>;
  readonly info?: Partial<ReadyEngine['info']>;
  readonly root?: Partial<PathLook>;
  readonly account?: Partial<AccountLook>;
};

const NODE_UID = identities({ uid: 0, gid: 0 }, 'home', ['gateway-home', 'node-home']).get('node-home')?.uid ?? 0;
const ME = { uid: 1026, gid: 100 };
const SOUND_HOME = { kind: 'directory', mode: 0o755, owner: ME } as const;
const ABSENT = { kind: 'absent' } as const;
const unusable = (why: 'sudo-password' | 'not-running', said: string): Partial<HostFacts> => ({
  docker: { kind: 'unusable', path: '/usr/local/bin/docker', why, said },
});
const photos = (more: Partial<PathLook>): Partial<Look> => ({
  paths: new Map([...GOOD_SEEN.linux.look.paths, ['/volume1/photos', folderLook('/volume1/photos', more)]]),
});

/** Each check of a host, shown to fail by one change. */
export const SPOILT_HOSTS: readonly SpoiltHost[] = [
  on('linux', 'preflight.platform', 'another platform', { facts: { platform: 'other' } }),
  on('linux', 'preflight.kernel', 'a kernel older than 4.4', { facts: { kernel: '3.10.108' } }, ['preflight.openat2']),
  on('linux', 'preflight.openat2', 'a kernel without openat2', { facts: { kernel: '4.4.302+' } }),
  on('linux', 'preflight.clock', 'a clock ten minutes off', { facts: { clockSkewMs: 600_000 } }),
  on('linux', 'preflight.clock-exact', 'a clock eight seconds off', { facts: { clockSkewMs: -8000 } }),
  on('linux', 'preflight.default-route', 'no default route', { facts: { routes: [{ subnet: '192.168.1.0/24', device: 'eth0' }] } }),

  on('synology', 'preflight.dsm', 'DSM 6', { facts: { dsm: { version: '6.2.4', build: '25556' } } }),
  on('synology', 'preflight.dsm-home', 'the home service is off', { facts: { home: '/' } }),
  on(
    'synology',
    'preflight.dsm-administrator',
    'the user is no administrator',
    { look: { groups: ['users'] }, facts: unusable('not-running', '') },
    ['preflight.docker-engine'],
  ),
  on('synology', 'preflight.dsm-volume', "the folder lies on DSM's own disk", {
    root: { disk: { device: '/dev/md0', freeMiB: 50_000, mountedAt: '/' } },
  }),

  on('mac', 'preflight.macos', 'macOS 11', { facts: { macos: { version: '11.7', build: '20G817' } } }),
  on('mac', 'preflight.mac-sleep', 'a Mac that sleeps', { look: { power: { sleep: 10, autoRestart: true } } }),
  on('mac', 'preflight.mac-restart', 'a Mac that stays off after a power cut', { look: { power: { sleep: 0, autoRestart: false } } }),
  on('mac', 'preflight.mac-login', 'FileVault keeps the login waiting', { look: { fileVault: true } }),
  on('mac', 'preflight.mac-sharing', 'a folder that Docker Desktop does not show', {
    info: { OperatingSystem: 'Docker Desktop' },
    asked: { root: '/opt/openclaw' },
    look: {
      paths: new Map([
        ['~/', folderLook('/Users/admin')],
        ['/opt/openclaw', folderLook('/opt/openclaw')],
        ['/volume1/photos', folderLook('/volume1/photos')],
      ]),
    },
  }),

  on('linux', 'preflight.docker', 'no docker at all', { facts: { docker: { kind: 'absent' } } }),
  on('linux', 'preflight.docker-rights', 'sudo asks for a password', { facts: unusable('sudo-password', 'sudo: a password is required') }),
  on('linux', 'preflight.docker-engine', 'the engine does not run', {
    facts: unusable('not-running', 'Cannot connect to the Docker daemon'),
  }),
  on('linux', 'preflight.docker-os', 'an engine of another system', { info: { OSType: 'windows' } }),
  on('linux', 'preflight.docker-version', 'an engine from before 20.10', { engine: { version: '19.03.15' } }, ['preflight.docker-dns']),
  on('linux', 'preflight.docker-kernel', 'engine 28 on kernel 4.4', { engine: { version: '28.0.1' }, facts: { kernel: '4.4.302+' } }, [
    'preflight.openat2',
  ]),
  on('linux', 'preflight.docker-dns', 'an engine with CVE-2024-29018', { engine: { version: '24.0.2' } }),
  on('linux', 'preflight.docker-api', 'an API from before 1.41', { engine: { apiVersion: '1.40' } }),
  { on: 'linux', finds: 'preflight.compose', name: 'docker without compose', also: [], spoil: withoutCompose },
  on('linux', 'preflight.compose-version', 'an old compose', {
    engine: { compose: { form: 'standalone', path: '/usr/bin/docker-compose', version: '1.25.0' } },
  }),

  on('linux', 'preflight.limit-memory', 'an engine without memory limits', { info: { MemoryLimit: false } }),
  on('linux', 'preflight.limit-swap', 'an engine without swap limits', { info: { SwapLimit: false } }),
  on('linux', 'preflight.limit-processes', 'an engine without process limits', { info: { PidsLimit: false } }),
  on('linux', 'preflight.limit-cpu', 'an engine without processor quota', { info: { CpuCfsQuota: false } }),
  on('linux', 'preflight.syscall-filter', 'an engine without seccomp', { info: { SecurityOptions: ['name=apparmor'] } }),
  on('linux', 'preflight.name-questions', 'an engine whose kernel keeps port 53 for root', { info: { KernelVersion: '4.4.302+' } }),
  on('linux', 'preflight.mandatory-access', 'an engine without AppArmor', { info: { SecurityOptions: ['name=seccomp,profile=builtin'] } }),
  on('linux', 'preflight.user-namespaces', 'an engine that maps users', {
    info: { SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=userns'] },
  }),
  on('linux', 'preflight.control-groups', 'control groups of version 1', { info: { CgroupVersion: '1' } }),
  on('linux', 'preflight.docker-exposed', 'an engine on a TCP port', {
    info: { Warnings: ['WARNING: API is accessible on http://0.0.0.0:2375 without encryption.'] },
  }),
  on('linux', 'preflight.docker-warnings', 'a warning of the engine', {
    info: { Warnings: ['WARNING: bridge-nf-call-iptables is disabled'] },
  }),

  on('linux', 'preflight.disk', 'the disk is full', { root: { disk: { device: '/dev/sda1', freeMiB: 900, mountedAt: '/volume1' } } }),
  on('linux', 'preflight.docker-disk', "the engine's disk is full", {
    look: { engineDisk: { device: '/dev/sda1', freeMiB: 900, mountedAt: '/' } },
  }),
  on('linux', 'preflight.memory', 'a small machine', { info: { MemTotal: 1024 ** 3 } }, ['preflight.memory-limits']),
  on('linux', 'preflight.memory-free', 'other programs have the memory', { facts: { availableMiB: 300 } }),
  on('linux', 'preflight.memory-limits', 'limits beyond the memory', { info: { MemTotal: 3 * 1024 ** 3 } }),
  on('linux', 'preflight.processors', 'a single processor', { info: { NCPU: 1 } }),
  on('linux', 'preflight.storage-driver', 'the storage driver vfs', { info: { Driver: 'vfs' } }),
  on('linux', 'preflight.log-driver', 'no json-file log driver', { info: { Plugins: { Log: ['db', 'none'] } } }),
  on('linux', 'preflight.image', 'the image is not there', { look: { image: 'absent' } }),
  on('linux', 'preflight.image-processor', 'an image for another processor', {
    look: { image: { os: 'linux', arch: 'arm64', id: `sha256:${'1'.repeat(64)}` } },
  }),

  on('linux', 'preflight.folder', "a file in the folder's place", { root: { state: 'there', kind: 'file' } }),
  on('linux', 'preflight.folder-kept', 'a folder in memory', { root: { disk: { device: 'tmpfs', freeMiB: 50_000, mountedAt: '/tmp' } } }),
  on('linux', 'preflight.folder-acl', 'an ACL on the folder', { root: { acl: true } }),
  on('linux', 'preflight.volumes', 'a folder for a node is missing', { look: photos({ state: 'absent', at: '/volume1' }) }),
  on('linux', 'preflight.volume-access', 'a node may not write its folder', {
    asked: { services: [serviceOf('node', { volumes: [{ path: '/volume1/photos', readOnly: false }] })] },
  }),
  on('linux', 'preflight.identities', 'a user has the number of a service', { look: { users: new Map([[NODE_UID, 'bob']]) } }),
  on('linux', 'preflight.ports', 'another program has the port', {
    facts: {
      listening: [
        { address: '0.0.0.0', port: 22 },
        { address: '::', port: 18_789 },
      ],
    },
  }),
  on('linux', 'preflight.address', 'an address of another machine', {
    look: { addresses: ['127.0.0.1', '192.168.1.21'] },
    asked: { linksHere: [] },
  }),
  on('linux', 'preflight.subnet', 'the subnet lies in the LAN', {
    facts: {
      routes: [
        { subnet: '0.0.0.0/0', device: 'eth0' },
        { subnet: '10.87.0.0/16', device: 'eth0' },
      ],
    },
  }),

  on('linux', 'preflight.link-account', 'no account for the link', { look: { accounts: new Map() } }),
  on('linux', 'preflight.link-rights', 'another account than ours', { facts: { uid: 1027 } }),
  on('linux', 'preflight.link-home', 'a home folder that others may write', {
    account: { place: { home: { ...SOUND_HOME, mode: 0o777 }, folder: ABSENT, file: ABSENT } },
  }),
  on('linux', 'preflight.link-keys', "somebody else's keys", {
    account: { place: { home: SOUND_HOME, folder: { ...SOUND_HOME, owner: { uid: 0, gid: 0 } }, file: ABSENT } },
  }),
  on('linux', 'preflight.link-forwarding', 'sshd forwards nothing', { look: { sshd: { tcpForwarding: 'no' } } }),
  on('linux', 'preflight.link-port', 'no sshd where the link leads', { facts: { listening: [{ address: '127.0.0.1', port: 22 }] } }),
  on('linux', 'preflight.link-address', 'a link to another machine', {
    asked: { linksHere: [{ kind: 'ssh-tunnel', node: 'nas', user: 'admin', address: '192.168.1.99', port: 22 }] },
  }),
];

function on(host: GoodHost, finds: string, name: string, change: Change, also: readonly string[] = []): SpoiltHost {
  return { on: host, finds, name, also, spoil: (seen) => changed(seen, change) };
}

function changed(seen: Seen, { asked, facts, look, engine, info, root, account }: Change): Seen {
  const { docker } = seen.facts;
  if (docker?.kind !== 'ready') throw new TypeError('a good host has an engine');
  const newAsked = { ...seen.asked, ...asked };
  const newLook = { ...seen.look, ...look };
  const admin = newLook.accounts.get('admin');
  const at = newLook.paths.get(newAsked.root);
  return {
    asked: newAsked,
    facts: { ...seen.facts, docker: { ...docker, ...engine, info: { ...docker.info, ...info } }, ...facts },
    look: {
      ...newLook,
      ...(root && at ? { paths: new Map([...newLook.paths, [newAsked.root, { ...at, ...root }]]) } : {}),
      ...(account && admin ? { accounts: new Map([['admin', { ...admin, ...account }]]) } : {}),
    },
  };
}

function withoutCompose(seen: Seen): Seen {
  const { docker } = seen.facts;
  if (docker?.kind !== 'ready') throw new TypeError('a good host has an engine');
  const { compose: _compose, ...rest } = docker;
  return { ...seen, facts: { ...seen.facts, docker: rest } };
}
