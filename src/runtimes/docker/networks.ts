import type { Service } from '../../services/service.ts';
import { addressIn, cutNetworks, type Ipv4Network } from './subnet.ts';

/**
 * One network of the deployment. `pair`: internal, between one service and one that it reaches, so that who connects there *is*
 * that service. `outside`: the way out (or in) of one service.
 */
export type PlannedNetwork =
  | { readonly kind: 'pair'; readonly key: string; readonly subnet: Ipv4Network; readonly consumer: string; readonly provider: string }
  | {
      readonly kind: 'outside';
      readonly key: string;
      readonly subnet: Ipv4Network;
      readonly service: string;
      readonly masquerade: boolean;
    };

/** One service's place in one network; `beside` is for a command that runs beside it while it does not run itself. */
export type Attachment = { readonly key: string; readonly address: string; readonly beside: string };

/** The first usable address of each network, which the engine keeps for the bridge. */
export const BRIDGE_OFFSET = 1;
const PROVIDER = 2;
const CONSUMER = 3;
const BESIDE = 2;

/** The networks of all services of one host, sorted by key. Pure. */
export function planNetworks(services: readonly Service[], subnet: Ipv4Network): readonly PlannedNetwork[] {
  const known = new Set(services.map((one) => one.name));
  const pairs = new Map<string, readonly [string, string]>();
  for (const { name, forwards } of services) {
    for (const { service } of forwards) {
      if (!known.has(service)) throw new TypeError(`${name} forwards to ${service}, which is not on its host`);
      pairs.set(pairKey(name, service), [name, service]);
    }
  }
  const outside = services.filter((one) => one.network === 'outside');
  const cut = cutNetworks([...pairs.keys(), ...outside.map((one) => outsideKey(one.name))], subnet);
  return [...cut]
    .map(([key, slice]): PlannedNetwork => {
      const pair = pairs.get(key);
      if (pair) return { kind: 'pair', key, subnet: slice, consumer: pair[0], provider: pair[1] };
      const service = key.slice(0, key.lastIndexOf('.'));
      const role = outside.find((one) => one.name === service)?.role;
      // What only takes in connections has no business with addresses beyond its host.
      return { kind: 'outside', key, subnet: slice, service, masquerade: role !== 'ingress' };
    })
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** Key of the network between a service and one that it reaches. */
export function pairKey(consumer: string, provider: string): string {
  return `${consumer}.${provider}`;
}

/** Key of a service's own way out. */
export function outsideKey(service: string): string {
  return `${service}.outside`;
}

/** Where a service is attached, sorted by key. */
export function attachmentsOf(service: string, networks: readonly PlannedNetwork[]): readonly Attachment[] {
  return networks.flatMap((network): readonly Attachment[] => {
    const place = placeIn(service, network);
    if (place === undefined) return [];
    return [{ key: network.key, address: addressIn(network.subnet, place), beside: addressIn(network.subnet, place + BESIDE) }];
  });
}

function placeIn(service: string, network: PlannedNetwork): number | undefined {
  if (network.kind === 'outside') return network.service === service ? PROVIDER : undefined;
  if (network.provider === service) return PROVIDER;
  return network.consumer === service ? CONSUMER : undefined;
}

/** The address at which `provider` answers `consumer`, and nobody else. */
export function providerAddress(consumer: string, provider: string, networks: readonly PlannedNetwork[]): string {
  const network = networks.find((one) => one.key === pairKey(consumer, provider));
  if (!network) throw new TypeError(`no network between ${consumer} and ${provider}`);
  return addressIn(network.subnet, PROVIDER);
}

/** The address of a service's own way out, where its published ports lead. */
export function outsideAddress(service: string, networks: readonly PlannedNetwork[]): string {
  const network = networks.find((one) => one.key === outsideKey(service));
  if (!network) {
    throw new TypeError(`${service} publishes a port without a network of its own: Docker publishes none for an internal network`);
  }
  return addressIn(network.subnet, PROVIDER);
}

/**
 * The resolver of a service without a way out: an address inside, where each question is refused. Left to itself the engine would ask the
 * host's own resolver for it (CVE-2024-29018). undefined: the host's, for services with a way out.
 */
export function sinkholeFor(service: Service, networks: readonly PlannedNetwork[]): string | undefined {
  if (service.network === 'outside') return undefined;
  const gate = service.forwards.find((one) => one.service === 'gate') ?? service.forwards[0];
  if (gate) return providerAddress(service.name, gate.service, networks);
  return attachmentsOf(service.name, networks)[0]?.address;
}
