import { destination, type SshAddress } from './address.ts';

/** How lobsterpot uses the system's ssh client. */
export type SshClient = {
  readonly address: SshAddress;
  /** The socket of the shared connection; its folder is private. */
  readonly controlPath: string;
  /** A configuration file in place of the user's own (`-F`). */
  readonly configFile?: string;
  /** Seconds for TCP and the key exchange. */
  readonly connectSeconds: number;
};

/** How long an unused connection stays, so that the next command needs no new one. */
const PERSIST_SECONDS = 60;

/**
 * Options that come before the user's own configuration and win over it. The user's identity files, agent, known hosts,
 * aliases and jump hosts count; what would ask a question, forward a port or run something here does not.
 */
const ALWAYS = [
  'BatchMode=yes',
  'StrictHostKeyChecking=yes',
  // Nothing here writes the user's known_hosts: a key is pinned by the user alone.
  'UpdateHostKeys=no',
  'ClearAllForwardings=yes',
  'ForwardAgent=no',
  'ForwardX11=no',
  'PermitLocalCommand=no',
  'RemoteCommand=none',
  'RequestTTY=no',
  'Tunnel=no',
  'VisualHostKey=no',
  'ConnectionAttempts=1',
  'ServerAliveInterval=5',
  'ServerAliveCountMax=3',
  // What ssh says is what a failure is told from, whatever the user set.
  'LogLevel=INFO',
];

/** The whole command line that runs `command` in the login shell of the host. */
export function sshArgv(client: SshClient, command: string): readonly string[] {
  const shared = ['ControlMaster=auto', `ControlPath=${client.controlPath}`, `ControlPersist=${PERSIST_SECONDS}`];
  const options = [...ALWAYS, ...shared, `ConnectTimeout=${client.connectSeconds}`];
  return ['ssh', ...configuration(client), '-T', ...options.flatMap((one) => ['-o', one]), ...destination(client.address), command];
}

/** Asks the shared connection to take no more commands and to end after the last one. */
export function stopArgv(client: SshClient): readonly string[] {
  return ['ssh', ...configuration(client), '-O', 'stop', '-o', `ControlPath=${client.controlPath}`, ...destination(client.address)];
}

/** Asks for the configuration that ssh would use for this host (`hostname`, `port`, `user`, `proxyjump`). */
export function resolveArgv(client: SshClient): readonly string[] {
  return ['ssh', ...configuration(client), '-G', ...destination(client.address)];
}

function configuration({ configFile }: SshClient): readonly string[] {
  return configFile === undefined ? [] : ['-F', configFile];
}
