import { randomUUID } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type HostMachine, OPERATOR } from '../machines.ts';
import type { Settings } from '../settings.ts';
import { USERS, withGroup, withMember, withUser } from '../users.ts';
import { must, startHolder } from './act.ts';
import { layerFolders, makeEngineData } from './engine-data.ts';
import type { PlaceFile } from './host-files.ts';
import { CA_FILE, commonFiles, macFiles, nasFiles } from './host-files.ts';

/** Makes a host's root, its files and its user; gives the process that holds it. */
export async function makeHost(host: HostMachine, folder: string, network: string, settings: Settings): Promise<number> {
  const { name, kind } = host;
  const disk = join(folder, name);
  const top = join(folder, `${name}.root`);
  mkdirSync(top);
  makeEngineData(join(disk, 'docker'), settings.template);
  const changes = kind === 'mac' ? macChanges(disk, settings) : nasChanges(disk, settings);
  const script = join(import.meta.dirname, 'place-root.sh');
  const enter = ['nsenter', `--net=${network}`, 'unshare', '--mount', '--uts', '--propagation', 'private'];
  const holder = await startHolder([...enter, '/bin/sh', script, name, top, ...changes.flat()]);
  const root = `/proc/${holder}/root`;
  const own = kind === 'mac' ? macFiles() : nasFiles(settings.nas, USERS.nas.name);
  for (const file of [...commonFiles([...settings.hosts, OPERATOR]), ...own]) put(root, file);
  put(root, { path: CA_FILE, text: readFileSync(join(folder, 'ca.pem'), 'utf8'), mode: 0o644 });
  addUser(root, host, settings);
  await addKeys(root, host, folder);
  return holder;
}

/** One line of what place-root.sh does. */
type Change = readonly ['bind' | 'show', string, string] | readonly ['hide' | 'remove' | 'unmount', string];

function engineChanges(disk: string, { template, compose }: Settings): readonly Change[] {
  return [
    // The engine's identity, and whatever the machine's own engine is told.
    ['remove', 'etc/docker'],
    ['show', compose, 'usr/libexec/docker/cli-plugins/docker-compose'],
    ['bind', join(disk, 'docker'), 'var/lib/docker'],
    ...layerFolders(template).map(({ from, at }) => ['show', from, at] as const),
  ];
}

function macChanges(disk: string, settings: Settings): readonly Change[] {
  // On disk, as a person's home is; everything else of a host lies in memory.
  mkdirSync(join(disk, 'Users'), { recursive: true });
  return [
    ...engineChanges(disk, settings),
    ['bind', join(disk, 'Users'), 'Users'],
    ['hide', 'etc/sudoers.d'],
    ['bind', settings.project, 'opt/lobsterpot'],
    ['bind', dirname(settings.node), 'opt/node'],
  ];
}

// What DSM does not have; whoever is on the NAS must not find the clone or another person's files either.
const NOT_ON_NAS = ['tmp', 'home', 'root', 'opt', 'srv', 'mnt', 'var/cache', 'usr/local/bin', 'etc/sudoers.d'];
const TOOLS_NOT_ON_NAS = ['node', 'npm', 'npx', 'git', 'docker-compose'];

function nasChanges(disk: string, settings: Settings): readonly Change[] {
  mkdirSync(join(disk, 'volume1/docker'), { recursive: true });
  chownSync(join(disk, 'volume1/docker'), USERS.nas.uid, USERS.nas.gid);
  mkdirSync(join(disk, 'volume1/photos'), { recursive: true });
  writeFileSync(join(disk, 'volume1/photos/holiday.jpg'), 'a day at the sea\n');
  const { nas } = settings;
  const tools = [...TOOLS_NOT_ON_NAS, ...(nas.dockerNeedsSudo ? ['docker'] : [])];
  return [
    ...engineChanges(disk, settings),
    ['bind', join(disk, 'volume1'), 'volume1'],
    ...[...NOT_ON_NAS, settings.project.slice(1)].filter((path) => existsSync(`/${path}`)).map((path) => ['hide', path] as const),
    ['bind', '/usr/bin/docker', 'usr/local/bin/docker'],
    ...tools.map((tool) => ['remove', `usr/bin/${tool}`] as const),
    ...(nas.noCpuNoPids ? ['cpu', 'pids'] : []).map((one) => ['unmount', `sys/fs/cgroup/${one}`] as const),
  ];
}

function put(root: string, file: PlaceFile): void {
  mkdirSync(dirname(join(root, file.path)), { recursive: true });
  writeFileSync(join(root, file.path), file.text);
  chmodSync(join(root, file.path), file.mode);
}

function addUser(root: string, { kind }: HostMachine, settings: Settings): void {
  const user = USERS[kind];
  for (const file of ['passwd', 'shadow'] as const) {
    const path = join(root, 'etc', file);
    writeFileSync(path, withUser(readFileSync(path, 'utf8'), user, file));
  }
  if (kind === 'mac') {
    const path = join(root, 'etc/group');
    writeFileSync(path, withGroup(readFileSync(path, 'utf8'), user.gid, 'staff'));
  }
  if (kind === 'mac' || !settings.nas.dockerNeedsSudo) {
    const path = join(root, 'etc/group');
    writeFileSync(path, withMember(readFileSync(path, 'utf8'), 'docker', user.name));
  }
  const ssh = join(root, user.home, '.ssh');
  mkdirSync(ssh, { recursive: true });
  for (const [path, mode] of [
    [join(root, user.home), 0o755],
    [ssh, 0o700],
  ] as const) {
    chmodSync(path, mode);
    chownSync(path, user.uid, user.gid);
  }
  const keys = join(ssh, 'authorized_keys');
  writeFileSync(keys, '', { mode: 0o600 });
  chownSync(keys, user.uid, user.gid);
  const machine = join(root, 'etc/machine-id');
  writeFileSync(machine, `${randomUUID().replaceAll('-', '')}\n`);
}

/** A host key of its own, and the operator's key for its user. */
async function addKeys(root: string, { name, kind }: HostMachine, folder: string): Promise<void> {
  const user = USERS[kind];
  const path = join(root, 'etc/ssh/ssh_host_ed25519_key');
  for (const old of ['rsa', 'ecdsa', 'ed25519'])
    for (const end of ['', '.pub']) rmSync(join(root, `etc/ssh/ssh_host_${old}_key${end}`), { force: true });
  await must(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
  mkdirSync(join(root, 'run/sshd'), { mode: 0o755 });
  const authorized = join(root, user.home, '.ssh/authorized_keys');
  writeFileSync(authorized, readFileSync(join(folder, 'operator/.ssh/id_ed25519.pub'), 'utf8'), { flag: 'a' });
}
