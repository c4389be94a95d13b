import { containerName } from '../../runtimes/docker/layout.ts';
import type { CheckInfo } from '../catalogue/check-info.ts';
import type { SeenNetwork } from './docker-view.ts';
import type { NetworkPlan } from './planned.ts';

export const INTERNAL = {
  id: 'docker.internal',
  title: 'a network between two services is no way to the host or out',
  severity: 'critical',
  from: 'host',
  runtimes: ['docker'],
  tries: 'reading docker inspect of each network: internal, its bridge without an address, no IPv6, the planned subnet',
  sabotage: 'a network is no longer internal',
} as const satisfies CheckInfo;

export const MEMBERS = {
  id: 'docker.members',
  title: 'nobody else is in a network of the deployment',
  severity: 'critical',
  from: 'host',
  runtimes: ['docker'],
  tries: 'reading docker inspect of each network: the containers that are in it',
  sabotage: 'a stranger joins a network',
} as const satisfies CheckInfo;

const INHIBIT = 'com.docker.network.bridge.inhibit_ipv4';
const MASQUERADE = 'com.docker.network.bridge.enable_ip_masquerade';

/** What is wrong with how a network is made. Pure. */
export function wrongNetwork(plan: NetworkPlan, seen: SeenNetwork | undefined): readonly string[] {
  if (!seen) return [`${plan.key} is not there`];
  const subnets = (seen.IPAM.Config ?? []).map(({ Subnet = '' }) => Subnet);
  // What only takes in connections has no business with addresses beyond its host.
  const takesIn = plan.members.every(({ service }) => service.startsWith('ingress-'));
  const said = [
    ...(seen.Driver === 'bridge' ? [] : [`is a ${seen.Driver} network`]),
    ...(seen.Internal === plan.internal ? [] : [plan.internal ? 'is not internal' : 'is internal']),
    ...(!plan.internal || seen.Options?.[INHIBIT] === 'true' ? [] : ['gives its bridge an address on the host']),
    ...(plan.internal || !takesIn || seen.Options?.[MASQUERADE] === 'false' ? [] : ['lets out what should only come in']),
    ...(seen.EnableIPv6 ? ['has IPv6'] : []),
    ...(subnets.join() === plan.subnet ? [] : [`has the subnet ${subnets.join(', ') || 'none'} and not ${plan.subnet}`]),
  ];
  return said.map((one) => `${plan.key} ${one}`);
}

/** Containers in a network that are neither planned there nor run a command beside one that is. Pure. */
export function strangersIn(deployment: string, plan: NetworkPlan, seen: SeenNetwork | undefined): readonly string[] {
  const mine = plan.members.map(({ service }) => containerName(deployment, service));
  const known = (name: string): boolean => mine.some((one) => name === one || new RegExp(`^${one}-once-[0-9a-f]{8}$`).test(name));
  return Object.values(seen?.Containers ?? {})
    .filter(({ Name }) => !known(Name))
    .map(({ Name }) => `${Name} in ${plan.key}`);
}
