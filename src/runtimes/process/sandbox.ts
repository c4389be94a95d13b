import { join } from 'node:path';

import { GATE } from '../../services/names.ts';
import type { Bind, ChainMode, ChainSpec } from './chain.ts';
import { expandCommand, INSIDE, LAYOUT, nodeBinary } from './layout.ts';
import type { Spec } from './spec.ts';

/** Of the life line; a service's listeners follow. */
const LIFE_LINE = 3;

/** What only the running machine knows. */
export type Surroundings = {
  readonly root: string;
  readonly mode: ChainMode;
  readonly groups: readonly string[];
  /** Where the host's /etc/resolv.conf really lies; absent: the host has none. */
  readonly resolver?: string;
};

/** What the launcher does inside; see inside/launcher.mjs. */
export type LauncherSpec = {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly home: string;
  readonly graceMs: number;
  readonly listeners: readonly { readonly fd: number; readonly toPort?: number }[];
  readonly forwards: readonly { readonly port: number; readonly socket: string }[];
  /** The gate's socket for this service, to which DNS questions go; absent: it has a resolver, or no gate. */
  readonly names?: string;
  /** The command reads descriptor 3 as its input and there is no life line. */
  readonly stdin?: boolean;
};

/** How a service itself is run. Pure. */
export function serviceSandbox(spec: Spec, around: Surroundings): ChainSpec {
  const listeners = listenersOf(spec);
  return sandbox(spec, around, LIFE_LINE + listeners.length, { ...launcherSpec(spec, spec.service.command), listeners });
}

/**
 * How one more command is run beside it: the same identity, files, limits and forwards. It has none of the listeners; the ports behind them
 * lead to the service itself, so that a command of OpenClaw's finds its own gateway where it expects it. Pure.
 */
export function onceSandbox(spec: Spec, around: Surroundings, command: readonly string[]): ChainSpec {
  const { name, listeners, forwards } = spec.service;
  const own = listeners.flatMap((one) => (one.toPort === undefined ? [] : [{ port: one.toPort, service: name, listener: one.name }]));
  const beside: Spec = { ...spec, service: { ...spec.service, forwards: [...forwards, ...own] } };
  return sandbox(beside, around, LIFE_LINE, { ...launcherSpec(beside, command), stdin: true });
}

/** The environment that a service and everything run beside it gets. */
export function serviceEnvironment(spec: Spec): Readonly<Record<string, string>> {
  return { PATH: '/usr/bin:/bin', HOME: INSIDE.home, ...spec.service.env };
}

/** The listeners as the launcher and the service find them. */
export function listenersOf(spec: Spec): LauncherSpec['listeners'] {
  return spec.service.listeners.map(({ toPort }, index) => ({ fd: LIFE_LINE + 1 + index, ...(toPort === undefined ? {} : { toPort }) }));
}

function launcherSpec(spec: Spec, command: readonly string[]): LauncherSpec {
  const env = serviceEnvironment(spec);
  return {
    command: expandCommand(command, INSIDE.runtime, spec.platform, spec.arch),
    env,
    cwd: INSIDE.state,
    home: env['HOME'] ?? INSIDE.home,
    graceMs: spec.service.stopGraceMs,
    listeners: [],
    forwards: spec.service.forwards.map(({ port, service, listener }) => ({ port, socket: INSIDE.socket(service, listener) })),
    ...namesOf(spec),
  };
}

/** With a network of its own, the loopback in it is nobody else's; a Mac has none to give. */
function namesOf({ platform, service: { network, forwards } }: Spec): Pick<LauncherSpec, 'names'> {
  const gate = forwards.find(({ service }) => service === GATE);
  return platform === 'linux' && network === 'none' && gate ? { names: INSIDE.socket(gate.service, gate.listener) } : {};
}

function sandbox(spec: Spec, around: Surroundings, keep: number, launcher: LauncherSpec): ChainSpec {
  return {
    mode: around.mode,
    programs: join(around.root, LAYOUT.inside),
    mountPoint: join(around.root, LAYOUT.mountPoint),
    identity: spec.identity,
    hostname: spec.service.hostname,
    network: spec.service.network,
    binds: binds(spec, around),
    limits: spec.service.limits,
    keep,
    groups: around.groups,
    command: [nodeBinary(INSIDE.runtime, spec.platform, spec.arch), `${INSIDE.programs}/launcher.mjs`, JSON.stringify(launcher)],
  };
}

function binds(spec: Spec, around: Surroundings): readonly Bind[] {
  const { name, forwards, network } = spec.service;
  const at = (path: string): string => join(around.root, path);
  const folders = new Map(
    forwards.map(({ service, listener }) => [INSIDE.socketFolder(service, listener), LAYOUT.listener(service, listener)]),
  );
  return [
    { access: 'ro', from: spec.runtime, to: INSIDE.runtime },
    { access: 'ro', from: at(LAYOUT.config(name)), to: INSIDE.config },
    { access: 'ro', from: at(LAYOUT.secrets(name)), to: INSIDE.secrets },
    { access: 'rw', from: at(LAYOUT.state(name)), to: INSIDE.state },
    // A folder, not the socket in it: a socket that is made again is seen.
    ...[...folders].map(([to, from]): Bind => ({ access: 'ro', from: at(from), to })),
    ...(network === 'outside' ? outside(around.resolver) : []),
  ];
}

function outside(resolver: string | undefined): readonly Bind[] {
  return [
    { access: 'ro', from: '/etc/hosts', to: '/etc/hosts' },
    ...(resolver === undefined ? [] : [{ access: 'ro', from: resolver, to: '/etc/resolv.conf' } as const]),
  ];
}
