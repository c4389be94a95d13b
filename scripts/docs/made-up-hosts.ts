import { parseNetwork } from '../../src/runtimes/docker/subnet.ts';
import type { DockerTarget } from '../../src/runtimes/docker/target.ts';

/** A host of the examples, as lobsterpot would have found it. Nothing of it exists. */
export type MadeUpHost = { readonly home: string; readonly target: DockerTarget; readonly hostKey: string };

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI';
const subnet = parseNetwork('10.69.128.0/20') ?? { first: 0, prefix: 32 };
const common = { openclaw: '2026.9.6', ipv6: true, subnet } as const;

/** Host name -> what is known of it: a Mac whose engine runs in a virtual machine, and a NAS with DSM's kernel. */
export const MADE_UP_HOSTS: Readonly<Record<string, MadeUpHost>> = {
  'mac-mini': {
    home: '/Users/you',
    hostKey: `${KEY}${'A'.repeat(43)}`,
    target: {
      ...common,
      image: `sha256:${'a'.repeat(64)}`,
      kernel: '6.10.14-linuxkit',
      cpus: 8,
      can: { cpuQuota: true, cpuSet: true, pids: true, memory: true, swap: true, seccomp: true },
    },
  },
  nas: {
    home: '/var/services/homes/admin',
    hostKey: `${KEY}${'B'.repeat(43)}`,
    target: {
      ...common,
      image: `sha256:${'b'.repeat(64)}`,
      kernel: '4.4.302+',
      cpus: 4,
      can: { cpuQuota: false, cpuSet: true, pids: false, memory: true, swap: false, seccomp: false },
    },
  },
};
