import { join } from 'node:path';

import type { Service } from '../../services/service.ts';
import { expandInImage } from './image-paths.ts';
import { INSIDE, LAYOUT } from './layout.ts';
import type { Spec } from './spec.ts';
import { attachmentsOf, outsideAddress, providerAddress, sinkholeFor, type PlannedNetwork } from './networks.ts';

/** Where something listens or is reached inside the deployment's networks. */
export type TcpPoint = { readonly host: string; readonly port: number };

type SocketPoint = { readonly path: string };

/** What the launcher does inside; see inside/launcher.mjs. */
export type LaunchSpec = {
  /** Empty: only forwards. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly home: string;
  readonly graceMs: number;
  readonly listeners: readonly LaunchListener[];
  readonly forwards: readonly { readonly port: number; readonly to: TcpPoint }[];
  /** Own addresses that are the resolver of services without a way out: each question is refused there at once. */
  readonly sinkholes: readonly string[];
  /** Where the questions of a sinkhole are recorded: the gate's door for whoever asks there. Absent: they are refused unseen. */
  readonly recorders?: Readonly<Record<string, TcpPoint>>;
  readonly health: LaunchHealth;
  /** What its folder may hold, and the name of that folder on the host, for people. */
  readonly disk?: { readonly limitMiB: number; readonly place: string };
};

/** `pass`: the launcher forwards to a loopback port. `hand`: the command gets the listener as descriptor `fd`. */
export type LaunchListener =
  | { readonly kind: 'pass'; readonly name: string; readonly at: readonly TcpPoint[]; readonly toPort: number }
  | { readonly kind: 'hand'; readonly name: string; readonly fd: number; readonly at: TcpPoint | SocketPoint };

export type LaunchHealth =
  | { readonly kind: 'http'; readonly path: string; readonly port: number }
  /** `ask`: a line that is said there again and again from then on; whatever comes back is an answer. */
  | { readonly kind: 'ready-line'; readonly text: string; readonly ask?: { readonly at: TcpPoint | SocketPoint; readonly line: string } }
  | { readonly kind: 'running' };

const FIRST_DESCRIPTOR = 4;
const FIRST_PORT = 18_000;

/** What a service's launcher binds, forwards and starts. Pure. */
export function launchSpec(
  service: Service,
  env: Service['env'],
  all: readonly Service[],
  networks: readonly PlannedNetwork[],
  root: string,
): LaunchSpec {
  const { diskMiB } = service.limits;
  const listeners = service.listeners.map((_, index) => launchListener(service, index, all, networks));
  return {
    command: expandInImage(service.command),
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: INSIDE.home, ...env },
    cwd: INSIDE.state,
    home: env['HOME'] ?? INSIDE.home,
    graceMs: service.stopGraceMs,
    listeners,
    forwards: service.forwards.map((one) => ({
      port: one.port,
      to: { host: providerAddress(service.name, one.service, networks), port: portOf(one.service, one.listener, all) },
    })),
    sinkholes: sinkholesAt(service, all, networks),
    ...recordersAt(service, all, networks),
    health: launchHealth(service, listeners),
    ...(diskMiB === undefined ? {} : { disk: { limitMiB: diskMiB, place: join(root, LAYOUT.state(service.name)) } }),
  };
}

/** The port of a listener on each address where it is bound: above 1024, for no service has a capability. */
export function listenerPort(index: number): number {
  return FIRST_PORT + index;
}

function sinkholesAt({ name }: Service, all: readonly Service[], networks: readonly PlannedNetwork[]): readonly string[] {
  const asked = new Set(all.map((one) => sinkholeFor(one, networks)));
  return attachmentsOf(name, networks).flatMap(({ address }) => (asked.has(address) ? [address] : []));
}

function recordersAt(service: Service, all: readonly Service[], networks: readonly PlannedNetwork[]): Pick<LaunchSpec, 'recorders'> {
  if (service.role !== 'gate') return {};
  const doors = all.flatMap((one) => {
    const at = sinkholeFor(one, networks);
    const door = one.forwards.find((to) => to.service === service.name);
    return at === undefined || !door ? [] : [[at, { host: at, port: portOf(service.name, door.listener, all) }] as const];
  });
  return doors.length === 0 ? {} : { recorders: Object.fromEntries(doors) };
}

function launchListener(service: Service, index: number, all: readonly Service[], networks: readonly PlannedNetwork[]): LaunchListener {
  const listener = service.listeners[index];
  if (!listener) throw new TypeError(`${service.name} has no listener ${index}`);
  const { name, toPort } = listener;
  const port = listenerPort(index);
  const consumers = all
    .filter((one) => one.forwards.some((to) => to.service === service.name && to.listener === name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const published = service.published.some((one) => one.listener === name);
  const at = [
    ...consumers.map((one) => ({ host: providerAddress(one.name, service.name, networks), port })),
    ...(published ? [{ host: outsideAddress(service.name, networks), port }] : []),
  ];
  if (toPort !== undefined) return { kind: 'pass', name, at, toPort };
  if (at.length > 1) throw new TypeError(`listener ${name} of ${service.name} tells its clients apart by itself and has ${at.length}`);
  return { kind: 'hand', name, fd: FIRST_DESCRIPTOR + index, at: at[0] ?? { path: INSIDE.socket(name) } };
}

function portOf(service: string, listener: string, all: readonly Service[]): number {
  const index = all.find((one) => one.name === service)?.listeners.findIndex((one) => one.name === listener) ?? -1;
  if (index < 0) throw new TypeError(`${service} has no listener ${listener}`);
  return listenerPort(index);
}

function launchHealth({ name, health, listeners }: Service, launched: readonly LaunchListener[]): LaunchHealth {
  switch (health.kind) {
    case 'http': {
      const port = listeners[0]?.toPort;
      if (port === undefined) throw new TypeError(`the health of ${name} is asked over a listener without a port`);
      return { kind: 'http', path: health.path, port };
    }
    case 'ready-line': {
      const { text, ask } = health;
      return { kind: 'ready-line', text, ...(ask ? { ask: { at: insidePoint(name, launched, ask.listener), line: ask.line } } : {}) };
    }
    case 'running':
      return { kind: 'running' };
  }
}

/** Where an operator's stream into a service's container ends: a port or socket inside, or an address of its own. */
export function connectTarget({ service, launch }: Pick<Spec, 'service' | 'launch'>, listener: string): string {
  const at = insidePoint(service, launch.listeners, listener);
  return 'path' in at ? at.path : `${at.host}:${at.port}`;
}

function insidePoint(service: string, listeners: readonly LaunchListener[], listener: string): TcpPoint | SocketPoint {
  const found = listeners.find((one) => one.name === listener);
  if (!found) throw new TypeError(`${service} has no listener ${listener}`);
  return found.kind === 'pass' ? { host: '127.0.0.1', port: found.toPort } : found.at;
}
