import { Problem } from '../src/core/problem.ts';
import { ADDRESS, type Machine } from './net.ts';

/** What a host of the lab is like: a Mac, or a Synology. */
export type HostKind = 'mac' | 'nas';

/** A machine that has an engine and an sshd. */
export type HostMachine = Machine & { readonly kind: HostKind };

/** The place where lobsterpot is run when it runs on no host. */
export const OPERATOR: Machine = { name: 'operator', address: ADDRESS.operator };

/** The hosts that every lab has. */
export const TWO_HOSTS: readonly HostMachine[] = [
  { name: 'mac', kind: 'mac', address: ADDRESS.mac },
  { name: 'nas', kind: 'nas', address: ADDRESS.nas },
];

/** The most that fit between those addresses and the neighbour's. */
export const MOST_HOSTS = 10;

/** The hosts of a lab of that many: a Mac, a NAS, and more that are like the NAS (`nas-2`, `nas-3`, ...). Pure. */
export function hostsOf(count: number): readonly HostMachine[] {
  if (!Number.isInteger(count) || count < TWO_HOSTS.length || count > MOST_HOSTS)
    throw new Problem('lab/hosts', `a lab cannot have ${count} hosts`, {
      cause: `it has a Mac and a NAS, and addresses for ${MOST_HOSTS}`,
      fix: `npm run lab -- up ${TWO_HOSTS.length}`,
    });
  const more = Array.from({ length: count - TWO_HOSTS.length }, (_, index) => ({
    name: `nas-${index + 2}`,
    kind: 'nas' as const,
    address: `192.168.222.${12 + index}`,
  }));
  return [...TWO_HOSTS, ...more];
}
