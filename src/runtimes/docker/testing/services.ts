import type { Place } from '../../runtime.ts';
import type { Service } from '../../../services/service.ts';
import type { DockerTarget } from '../target.ts';

/** A place for rendering alone. */
export const PLACE: Place = { deployment: 'home', root: '/srv/home', runtime: '/unused', containment: 'full' };

/** An engine that can limit everything. */
export const TARGET: DockerTarget = {
  image: 'ghcr.io/openclaw/openclaw@sha256:0000000000000000000000000000000000000000000000000000000000000000',
  openclaw: '2026.9.6',
  kernel: '6.1.0',
  cpus: 4,
  can: { cpuQuota: true, cpuSet: true, pids: true, memory: true, swap: true, seccomp: true },
  ipv6: true,
  subnet: { first: 0x0a571000, prefix: 20 },
};

/** What a Synology's kernel can: memory and processor sets, nothing else. */
export const SYNOLOGY: DockerTarget = {
  ...TARGET,
  kernel: '4.4.302+',
  can: { cpuQuota: false, cpuSet: true, pids: false, memory: true, swap: false, seccomp: false },
};

/** A small service; what it leaves out is as for a node without anything. */
export function service(name: string, what: Partial<Omit<Service, 'name'>>): Service {
  return {
    role: 'node',
    key: name,
    host: 'nas',
    hostname: name,
    command: ['{node}', '/config/main.mjs'],
    env: {},
    files: [],
    secrets: [],
    network: 'none',
    listeners: [],
    forwards: [],
    published: [],
    limits: { memoryMiB: 256, processes: 128, openFiles: 1024, fileMiB: 64, tmpMiB: 16 },
    health: { kind: 'ready-line', text: 'ready', timeoutMs: 15_000 },
    after: [],
    stopGraceMs: 2000,
    ...what,
    name,
  };
}

/** A gate, a gateway with a published page behind its ingress, and a node. */
export const SERVICES: readonly Service[] = [
  service('gate', {
    role: 'gate',
    command: ['{node}', '/config/gate.mjs', '/config/gate.json'],
    network: 'outside',
    listeners: [{ name: 'control' }, { name: 'egress-gateway-main' }, { name: 'egress-node-nas' }],
    files: [
      { name: 'gate.json', content: '{}' },
      { name: 'policy.json', content: '{}', hot: true },
    ],
  }),
  service('gateway-main', {
    role: 'gateway',
    key: 'main',
    hostname: 'main',
    command: ['{node}', '{openclaw}', 'gateway', 'run'],
    env: { HOME: '/state/home', NO_PROXY: '127.0.0.1', PRICE: '$5 ${HOME}' },
    files: [{ name: 'openclaw.json', content: '{}', hot: true }],
    secrets: [{ name: 'gateway-main-token', file: 'gateway_token' }],
    listeners: [{ name: 'ingress', toPort: 21_789 }],
    forwards: [{ port: 3128, service: 'gate', listener: 'egress-gateway-main' }],
    health: { kind: 'http', path: '/healthz', timeoutMs: 120_000 },
    after: ['gate'],
    stopGraceMs: 15_000,
  }),
  service('node-nas', {
    key: 'nas',
    hostname: 'nas',
    volumes: [
      { path: '/volume1/my photos: $2026', readOnly: true },
      { path: '/volume1/backup', readOnly: false },
    ],
    forwards: [
      { port: 3128, service: 'gate', listener: 'egress-node-nas' },
      { port: 18_790, service: 'gateway-main', listener: 'ingress' },
    ],
    after: ['gate', 'gateway-main'],
  }),
  service('ingress-main', {
    role: 'ingress',
    key: 'main',
    command: [],
    network: 'outside',
    listeners: [{ name: 'page', toPort: 21_789 }],
    forwards: [{ port: 21_789, service: 'gateway-main', listener: 'ingress' }],
    published: [{ address: '127.0.0.1', port: 21_789, listener: 'page' }],
    health: { kind: 'running', timeoutMs: 10_000 },
    after: ['gateway-main'],
  }),
];
