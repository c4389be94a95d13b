import type { Attempt } from './attempt.ts';
import type { Probe } from './probe.ts';
import { allRefused, nothingLeft } from './probe.ts';
import type { Subject } from './subject.ts';

/** Ports on which a NAS or a Mac usually listens: ssh, DNS, web, files, container engines and their pages. */
const HOST_PORTS = [22, 53, 80, 139, 443, 445, 2049, 2375, 5000, 5001, 9443] as const;

const common = { severity: 'critical', from: 'inside', roles: ['gateway', 'node'], control: 'network' } as const;
const fix = (subject: Subject): string =>
  `the service ${subject.service.name} has a network it must not have; start it anew in its own: lobsterpot up`;

const tcp = (hosts: readonly string[], ports: readonly number[]): Readonly<Record<string, Attempt>> =>
  Object.fromEntries(
    hosts.flatMap((host) =>
      ports.map((port) => [`${host.includes(':') ? `[${host}]` : host}:${port}`, { kind: 'tcp', host, port } as const]),
    ),
  );

const udp = ({ traits }: Subject, hosts: readonly string[], port: number): Readonly<Record<string, Attempt>> => {
  const kind = traits.closedWay === 'nobody-answers' ? 'udp-answer' : 'udp';
  return Object.fromEntries(hosts.map((host) => [`udp ${host}:${port}`, { kind, host, port } as const]));
};

/** Ways out of a service that pass by the gate. */
export const DIRECT_PROBES: readonly Probe[] = [
  {
    ...common,
    id: 'egress.direct-public',
    title: 'no direct way to the internet',
    tries: 'TCP to a public address on 443, 80 and 22',
    sabotage: 'service shares the network of its host',
    attempts: ({ targets }) => tcp([targets.publicAddress], [443, 80, 22]),
    judge: nothingLeft,
    fix,
  },
  {
    ...common,
    id: 'egress.direct-hostile',
    title: 'no direct way to a hostile server',
    tries: 'TCP to another public address on 22, 443 and 8443',
    sabotage: 'service shares the network of its host',
    attempts: ({ targets }) => tcp([targets.hostileAddress], [22, 443, 8443]),
    judge: nothingLeft,
    fix,
  },
  {
    ...common,
    id: 'egress.direct-metadata',
    title: 'no direct way to cloud metadata',
    tries: 'TCP to the metadata address on 80',
    sabotage: 'service shares the network of its host',
    attempts: ({ targets }) => tcp(targets.metadataAddresses, [80]),
    judge: nothingLeft,
    fix,
  },
  {
    ...common,
    id: 'egress.direct-lan',
    title: 'no direct way to the local network',
    tries: "TCP to a neighbour in each of the host's networks on 22, 53, 80, 443 and 445",
    sabotage: 'service shares the network of its host',
    attempts: ({ targets }) => tcp(targets.lanAddresses, [22, 53, 80, 443, 445]),
    judge: nothingLeft,
    fix,
  },
  {
    ...common,
    id: 'egress.direct-own-host',
    title: 'no direct way to its own host',
    tries:
      "TCP to each of the host's own addresses on the ports of ssh, DNS, web, file sharing and container engines, and on those that it listens on",
    sabotage: 'service shares the network of its host',
    attempts: ({ hostAddresses, hostPorts, hostCanary }) =>
      tcp(hostAddresses.slice(0, 16), [...new Set([...HOST_PORTS, ...hostPorts.slice(0, 24), ...(hostCanary ? [hostCanary.port] : [])])]),
    judge: nothingLeft,
    fix,
  },
  {
    ...common,
    id: 'egress.host-listener',
    title: 'a listener on the host is not seen',
    tries: "TCP to a listener that the proof itself opened on the host's loopback and was reached there",
    sabotage: 'service shares the network of its host',
    attempts: ({ hostCanary }) => (hostCanary ? tcp(['127.0.0.1'], [hostCanary.port]) : {}),
    judge: allRefused,
    fix,
  },
  {
    ...common,
    id: 'egress.host-published',
    title: "the host's loopback ports are not seen",
    tries: 'TCP on its own loopback to the published ports of all services, and to 22, 80 and 2375',
    sabotage: 'service shares the network of its host',
    attempts: ({ service, allServices }) => {
      const own = new Set([
        ...service.forwards.map(({ port }) => port),
        ...service.listeners.flatMap(({ toPort }) => (toPort === undefined ? [] : [toPort])),
      ]);
      const ports = [...allServices.flatMap(({ published }) => published.map(({ port }) => port)), 22, 80, 2375];
      return tcp(
        ['127.0.0.1', '::1'],
        ports.filter((port) => !own.has(port)),
      );
    },
    judge: allRefused,
    fix,
  },
  {
    ...common,
    id: 'egress.udp',
    title: 'no UDP leaves',
    tries: 'a datagram to a resolver on 53, to a time server on 123, to the local network and to metadata',
    sabotage: 'service shares the network of its host',
    attempts: (subject) => ({
      ...udp(subject, [...subject.targets.resolvers, ...subject.targets.lanAddresses, ...subject.targets.metadataAddresses], 53),
      ...udp(subject, [subject.targets.publicAddress], 123),
    }),
    judge: nothingLeft,
    fix,
  },
  {
    ...common,
    id: 'egress.quic',
    // A container's datagram is sent wherever it leads: egress.neighbours tells whether anybody took it.
    runtimes: ['process'],
    title: 'no QUIC leaves',
    tries: 'a datagram to a public address and to a hostile one on 443',
    sabotage: 'service shares the network of its host',
    attempts: (subject) => udp(subject, [subject.targets.publicAddress, subject.targets.hostileAddress], 443),
    judge: nothingLeft,
    fix,
  },
  {
    ...common,
    id: 'egress.multicast',
    // A container's datagram is sent wherever it leads: egress.neighbours tells whether anybody took it.
    runtimes: ['process'],
    title: 'no multicast leaves',
    tries: 'a datagram to the mDNS and the UPnP group',
    sabotage: 'service shares the network of its host',
    severity: 'high',
    attempts: (subject) => ({ ...udp(subject, ['224.0.0.251'], 5353), ...udp(subject, ['239.255.255.250'], 1900) }),
    judge: nothingLeft,
    fix,
  },
  {
    ...common,
    id: 'egress.ipv6',
    title: 'no way out by IPv6',
    tries: 'TCP and a datagram to a public IPv6 address, and to the address of all nodes on the link',
    sabotage: 'service shares the network of its host',
    attempts: (subject) => ({
      ...tcp([subject.targets.ipv6Address], [443]),
      ...udp(subject, [subject.targets.ipv6Address, 'ff02::1'], 443),
    }),
    judge: nothingLeft,
    fix,
  },
  {
    ...common,
    id: 'egress.abstract-socket',
    title: "the host's abstract sockets are not seen",
    tries: 'a connection to an abstract Unix socket that the proof itself opened on the host and was reached there',
    sabotage: 'service shares the network of its host',
    attempts: ({ hostCanary }) => (hostCanary ? { 'abstract socket': { kind: 'unix', path: `@${hostCanary.abstractName}` } } : {}),
    judge: allRefused,
    fix,
  },
];
