import { spawn, spawnSync } from 'node:child_process';
import { accessSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { sshHost, type SshHost, type SshOptions } from '../../src/hosts/ssh/ssh-host.ts';
import { processes } from '../support/processes.ts';

/** Where Debian has it. */
export const SSHD = '/usr/sbin/sshd';

/** Why the tests of ssh cannot run here; undefined: they can. */
export function sshdRefusal(): string | undefined {
  try {
    accessSync(SSHD);
  } catch {
    return 'there is no sshd here (on Debian, as root: apt-get install openssh-server)';
  }
  try {
    // An ordinary user's sshd lets nobody in but that user, who must be one that can log in.
    return /(nologin|false)$/.test(userInfo().shell ?? '') ? 'the user of these tests has no login shell' : undefined;
  } catch {
    return 'the user of these tests has no entry in passwd and cannot log in';
  }
}

/** A real sshd for one test, on a port of loopback, with keys and folders of its own. */
export type Sshd = AsyncDisposable & {
  readonly folder: string;
  readonly port: number;
  /** A client configuration in which the host is called `nas`. */
  readonly configFile: string;
  readonly hostKey: string;
  host(options?: SshOptions): SshHost;
  /** What it logged: connections, commands. */
  log(): string;
  /** Ends every connection from the server's side, as a lost line or a restart would. */
  cut(): void;
};

export type SshdOptions = {
  /** Lines of sshd_config that come first, where they win. */
  readonly settings?: readonly string[];
  /** Lines of the client's configuration that come first. */
  readonly client?: readonly string[];
  /** Programs, as scripts, that stand before all others on PATH. */
  readonly programs?: Readonly<Record<string, string>>;
  /** What sshd is started under. */
  readonly prefix?: readonly string[];
};

/** Starts it and waits until it listens. */
export async function startSshd({ settings = [], client = [], programs = {}, prefix = [] }: SshdOptions = {}): Promise<Sshd> {
  // Short, for the sockets of the shared connection.
  const folder = mkdtempSync('/tmp/lp-ssh-');
  const at = (name: string): string => join(folder, name);
  for (const name of ['host', 'id']) keygen(at(name));
  mkdirSync(at('bin'));
  for (const [name, text] of Object.entries(programs)) writeFileSync(at(`bin/${name}`), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  writeFileSync(at('authorized'), readFileSync(at('id.pub')), { mode: 0o600 });
  const port = await freePort();
  makeSshdFolder();
  writeFileSync(
    at('sshd_config'),
    [
      ...settings,
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${at('host')}`,
      `AuthorizedKeysFile ${at('authorized')}`,
      `PidFile ${at('pid')}`,
      // A home of its own too: what the user's login files do is not what is tried here.
      `SetEnv PATH=${at('bin')}:/usr/bin:/bin HOME=${folder}`,
      'LogLevel VERBOSE',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin yes',
      'MaxStartups 100',
      '',
    ].join('\n'),
  );
  const hostPublic = readFileSync(at('host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${hostPublic}\n`);
  const nas = ['Host nas', 'HostName 127.0.0.1', `Port ${port}`, `User ${userInfo().username}`];
  const keys = [
    `IdentityFile ${at('id')}`,
    'IdentitiesOnly yes',
    `UserKnownHostsFile ${at('known_hosts')}`,
    'GlobalKnownHostsFile /dev/null',
  ];
  writeFileSync(at('config'), [...client, ...nas, ...keys, ''].join('\n'), { mode: 0o600 });
  const argv = [SSHD, '-D', '-f', at('sshd_config'), '-E', at('log')];
  const [program, ...rest] = prefix.length === 0 ? argv : [...prefix, ...argv];
  const server = spawn(program ?? SSHD, rest, { stdio: 'ignore' });
  const log = (): string => readFileSync(at('log'), 'utf8');
  await listening(log);
  const serverPid = Number(readFileSync(at('pid'), 'utf8'));
  const cut = (): void => {
    const all = processes();
    const below = (pid: number): number[] => all.filter((one) => one.parent === pid).map((one) => one.pid);
    // sshd's own processes alone: what they had started sees its line end.
    for (const child of below(serverPid)) for (const pid of [...below(child).filter((one) => isSshd(all, one)), child]) end(pid);
  };
  return {
    folder,
    port,
    configFile: at('config'),
    hostKey: at('host'),
    host: (options = {}) =>
      sshHost({ name: 'nas', connect: { host: 'nas' } }, { configFile: at('config'), controlFolder: at('c'), ...options }),
    log,
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      end(serverPid);
      if (server.exitCode === null) await new Promise((resolve) => server.once('exit', resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The folder in which the child of root's sshd gives up its rights; a service would make it. It stays: another sshd may need it. */
export function makeSshdFolder(): void {
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
}

/** A new ed25519 key pair at this path. */
export function keygen(path: string, passphrase = ''): void {
  const { status, stderr } = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', path], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ssh-keygen: ${stderr}`);
}

/** A port of loopback on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function listening(log: () => string): Promise<void> {
  for (let round = 0; round < 200; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    try {
      if (log().includes('Server listening')) return;
    } catch {
      // Not there yet.
    }
  }
  throw new Error('sshd does not listen');
}

function isSshd(all: ReturnType<typeof processes>, pid: number): boolean {
  return all.find((one) => one.pid === pid)?.command.startsWith('sshd') === true;
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}
