import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../services/service.ts';
import type { Change } from './change.ts';
import { followersOf } from './settle.ts';

const service = (name: string, role: Service['role'], host: string, after: readonly string[] = []): Service => ({
  name,
  role,
  key: name,
  host,
  hostname: name,
  command: [],
  env: {},
  files: [],
  secrets: [],
  network: 'none',
  listeners: [],
  forwards: [],
  published: [],
  limits: { memoryMiB: 1, processes: 1, openFiles: 1, fileMiB: 1, tmpMiB: 1 },
  health: { kind: 'running', timeoutMs: 1 },
  after,
  stopGraceMs: 1,
});

const desired = {
  services: [
    service('gate', 'gate', 'mac'),
    service('gateway-main', 'gateway', 'mac'),
    service('ingress-main', 'ingress', 'mac', ['gateway-main']),
    service('gateway-other', 'gateway', 'nas'),
    service('ingress-other', 'ingress', 'nas', ['gateway-other']),
    service('link-nas', 'link', 'nas'),
    service('node-nas', 'node', 'nas'),
  ],
  nodes: [{ name: 'nas', gateway: 'gateway-main', host: 'nas', service: 'node-nas' }],
};
const start = (host: string, name: string): Change => ({ kind: 'start-service', host, service: name, reason: 'x', running: true });

for (const [what, changes, expected] of [
  ['nothing was started', [], []],
  ['a gateway', [start('mac', 'gateway-main')], ['mac ingress-main', 'nas link-nas']],
  ['a gateway and its tunnel', [start('mac', 'gateway-main'), start('nas', 'link-nas')], ['mac ingress-main']],
  ['a gateway without a node', [start('nas', 'gateway-other')], ['nas ingress-other']],
  ['the gate and a node', [start('mac', 'gate'), start('nas', 'node-nas')], []],
] as const) {
  test(`followersOf: ${what} -> ${expected.join(', ') || 'nobody'}`, () => {
    assert.deepEqual(
      followersOf(changes, desired).map(({ host, name }) => `${host} ${name}`),
      expected,
    );
  });
}
