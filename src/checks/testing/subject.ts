import type { Service } from '../../services/service.ts';
import { secretProbe } from '../probes/secret-probe.ts';
import { Redacted } from '../../core/redacted.ts';
import { defaultTargets, NO_SURROUNDINGS } from '../probes/subject.ts';
import type { Subject } from '../probes/subject.ts';
import { PROCESS_TRAITS } from '../probes/traits.ts';

const LIMITS = { memoryMiB: 512, processes: 128, openFiles: 1024, fileMiB: 64, tmpMiB: 16 };

/** A gateway as `compile` makes it, as far as probes look at it. */
export const GATEWAY: Service = {
  name: 'gateway-main',
  role: 'gateway',
  key: 'main',
  host: 'here',
  hostname: 'main',
  command: ['{node}'],
  env: {},
  files: [{ name: 'openclaw.json', content: '{}' }],
  secrets: [{ name: 'gateway-main-token', file: 'gateway_token' }],
  network: 'none',
  listeners: [{ name: 'ingress', toPort: 21_789 }],
  forwards: [{ port: 3128, service: 'gate', listener: 'egress-gateway-main' }],
  published: [{ address: '127.0.0.1', port: 18_789, listener: 'ingress' }],
  limits: LIMITS,
  health: { kind: 'running', timeoutMs: 1 },
  after: ['gate'],
  stopGraceMs: 1,
};

export const TEST_SECRET = 'a-secret-value-3f9c51aa77e0';

/** A subject for tests of judgements; change what matters. */
export function testSubject(change: Partial<Subject> = {}): Subject {
  return {
    service: GATEWAY,
    allServices: [GATEWAY],
    root: '/srv/pot',
    policy: {
      version: 1,
      deployment: 'home',
      mode: 'enforce',
      allow: [{ host: 'api.anthropic.com', port: 443, source: 'test' }],
      deny: [],
    },
    targets: { ...defaultTargets(['192.168.1.20']), privateNames: ['private.test'] },
    traits: PROCESS_TRAITS,
    surroundings: NO_SURROUNDINGS,
    hostPorts: [],
    otherHosts: ['192.168.1.30'],
    hostAddresses: ['192.168.1.20', 'fd00::20'],
    hostCanary: { port: 40_000, abstractName: 'canary', socketPath: '/tmp/canary.sock' },
    hostNamespaces: {
      net: 'net:[1]',
      mnt: 'mnt:[1]',
      pid: 'pid:[1]',
      ipc: 'ipc:[1]',
      uts: 'uts:[1]',
      user: 'user:[1]',
      cgroup: 'cgroup:[1]',
    },
    uid: 40_001,
    canary: 'lpcanary',
    nowMs: 0,
    secrets: new Map([
      ['gateway-main-token', secretProbe(new Redacted(TEST_SECRET))],
      ['anthropic_api_key', secretProbe(new Redacted('a-key-that-the-gate-holds-77e0'))],
    ]),
    ...change,
  };
}
