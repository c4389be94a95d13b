import type { EgressPolicy } from '../../policy/policy.ts';
import type { Service } from '../../services/service.ts';
import type { Needle } from './attempt.ts';
import type { Traits } from './traits.ts';

/** Addresses that are tried. Parameters, so that a lab's own can stand in for them. */
export type ProbeTargets = {
  /** Documentation addresses by default: a service that may leave cannot reach a stranger's machine by our doing. */
  readonly publicAddress: string;
  readonly hostileAddress: string;
  readonly metadataAddresses: readonly string[];
  /** A neighbour in the host's own network, such as its router. */
  readonly lanAddresses: readonly string[];
  readonly ipv6Address: string;
  readonly resolvers: readonly string[];
  /** Names that are known to resolve to private, loopback or changing addresses, for the gate; empty: not tried. */
  readonly privateNames: readonly string[];
};

/** What the operator's side prepared on the host, each tried there with success before it is tried inside. */
export type HostCanary = {
  readonly port: number;
  readonly abstractName: string;
  readonly socketPath: string;
};

/** The deployment's own networks as one service has them; empty where services have none. */
export type Surroundings = {
  /** Addresses that it may reach: those of the services it is joined with, and the bridge of its own way out. */
  readonly peers: readonly string[];
  /** Addresses of services in networks that are not its own. */
  readonly strangers: readonly string[];
  /** What the engine keeps for the bridge of each network but the way out of this service. */
  readonly bridges: readonly string[];
  /** Ports on which services listen in these networks. */
  readonly ports: readonly number[];
};

export const NO_SURROUNDINGS: Surroundings = { peers: [], strangers: [], bridges: [], ports: [] };

/** Everything that the attempts of one service are made from, and judged by. */
export type Subject = {
  readonly service: Service;
  readonly allServices: readonly Service[];
  /** Absolute folder of the deployment on its host. */
  readonly root: string;
  readonly policy: EgressPolicy;
  /** PEM of authorities trusted in addition (`egress.ca`). */
  readonly ca?: string;
  readonly targets: ProbeTargets;
  readonly traits: Traits;
  readonly surroundings: Surroundings;
  /** The host's own addresses but loopback. */
  readonly hostAddresses: readonly string[];
  /** Ports that something on the host listens on, on more than loopback. */
  readonly hostPorts: readonly number[];
  /** Addresses of the deployment's other hosts. */
  readonly otherHosts: readonly string[];
  readonly hostCanary?: HostCanary;
  /** Links of /proc/self/ns of the host; none: they cannot be read there. */
  readonly hostNamespaces: Readonly<Record<string, string>>;
  /** The service's uid as it must be seen inside. */
  readonly uid: number;
  readonly canary: string;
  readonly nowMs: number;
  /** Values that must not be seen, by name; they never go inside. */
  readonly secrets: ReadonlyMap<string, SecretProbe>;
};

/** Tells whether a text holds a secret, without giving the secret away. */
export type SecretProbe = {
  isIn(text: string): boolean;
  /** By what it is known where it must not be sent; undefined for one that is too short for that. */
  needle(canary: string): Omit<Needle, 'name'> | undefined;
};

/** The inside port behind which the gate answers this service; undefined for a service without a way out. */
export function gatePort(subject: Subject): number | undefined {
  return subject.service.forwards.find((forward) => forward.listener.startsWith('egress-'))?.port;
}

/** The targets of a deployment at home. */
export function defaultTargets(hostAddresses: readonly string[]): ProbeTargets {
  return {
    publicAddress: '198.51.100.1',
    hostileAddress: '203.0.113.66',
    metadataAddresses: ['169.254.169.254'],
    lanAddresses: lanNeighbours(hostAddresses),
    ipv6Address: '2001:db8::1',
    resolvers: ['192.0.2.53'],
    privateNames: [],
  };
}

/** The usual place of a router in each private IPv4 network of the host. */
function lanNeighbours(hostAddresses: readonly string[]): readonly string[] {
  const own = hostAddresses.filter((address) => /^(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\./.test(address));
  const routers = own.map((address) => address.replace(/\d+$/, address.endsWith('.1') ? '254' : '1'));
  return routers.length === 0 ? ['192.168.1.1'] : [...new Set(routers)];
}
