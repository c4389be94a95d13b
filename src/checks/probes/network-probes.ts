import { fail, failIfAny, pass, unknown } from '../catalogue/judgement.ts';
import type { Attempt } from './attempt.ts';
import type { Probe } from './probe.ts';
import { nothingLeft } from './probe.ts';
import type { Subject } from './subject.ts';

const common = { severity: 'critical', from: 'inside', control: 'network', roles: ['gateway', 'node'] } as const;
const fix = ({ service }: Subject): string => `give ${service.name} its planned networks again: lobsterpot up`;

/** What is tried at every place where something of the deployment or of a host could answer. */
const USUAL_PORTS = [22, 80, 443, 445, 2375, 5000, 5001] as const;

const tcp = (hosts: readonly string[], ports: readonly number[]): Readonly<Record<string, Attempt>> =>
  Object.fromEntries(hosts.flatMap((host) => ports.map((port) => [`${host}:${port}`, { kind: 'tcp', host, port } as const])));

/** Ways into the deployment's own networks and to its other hosts. */
export const NETWORK_PROBES: readonly Probe[] = [
  {
    ...common,
    id: 'egress.bridges',
    title: "no bridge of the deployment's networks answers",
    runtimes: ['docker'],
    tries: 'TCP to the address that the engine keeps for the bridge of each network of the deployment, on the ports of its host',
    sabotage: 'the bridge of a network has an address',
    attempts: ({ surroundings, hostPorts }) => tcp(surroundings.bridges, [...new Set([...USUAL_PORTS, ...hostPorts.slice(0, 8)])]),
    judge: nothingLeft,
    fix,
  },
  {
    ...common,
    id: 'egress.other-services',
    title: 'a service that it is not joined with is not reached',
    runtimes: ['docker'],
    tries: "TCP to each address that another service has in a network that is not this service's own, on the ports that services listen on",
    sabotage: 'a service is joined with a network that is not its own',
    attempts: ({ surroundings }) => tcp(surroundings.strangers, [...surroundings.ports, 22, 80]),
    judge: nothingLeft,
    fix,
  },
  {
    ...common,
    id: 'egress.other-hosts',
    title: "the deployment's other hosts are not reached",
    tries: 'TCP to the addresses of every other host of the deployment, on its published ports and those of ssh, web and file sharing',
    sabotage: 'a service gets a way out of its own',
    attempts: ({ otherHosts, allServices }) => {
      const published = allServices.flatMap((one) => one.published.map(({ port }) => port));
      return tcp(otherHosts.slice(0, 8), [...new Set([...USUAL_PORTS, ...published])]);
    },
    judge: nothingLeft,
    fix,
  },
  {
    ...common,
    id: 'egress.neighbours',
    title: 'nobody on its networks takes a packet but the services it is joined with',
    runtimes: ['docker'],
    roles: ['gate', 'gateway', 'node', 'ingress', 'link'],
    tries:
      'reading who has answered for an address (ARP) after all the other ways out were tried: whatever leaves a container is taken by one of these',
    sabotage: 'the bridge of a network has an address',
    attempts: () => ({ neighbours: { kind: 'neighbours' } }),
    judge: (results, { surroundings }) => {
      const names = results.get('neighbours')?.names;
      if (!names) return unknown('the table of neighbours could not be read');
      const others = names.filter((address) => !surroundings.peers.includes(address));
      return failIfAny(
        others.map((address) => `${address} took packets`),
        names.length === 0 ? 'nobody took a packet' : `only ${names.join(', ')}`,
      );
    },
    fix,
  },
  {
    ...common,
    id: 'egress.host-names',
    title: "the engine's names for its host mean nothing",
    severity: 'high',
    runtimes: ['docker'],
    tries: "looking up host.docker.internal and its like by the system's resolver",
    sabotage: 'a name for the host is added',
    attempts: ({ traits }) => Object.fromEntries(traits.hostNames.map((name) => [name, { kind: 'lookup', name } as const])),
    judge: (results) => {
      const found = [...results].filter(([, { outcome }]) => outcome === 'succeeded').map(([name]) => name);
      if (found.length > 0) return fail(`answered: ${found.join(', ')}`);
      if ([...results.values()].some(({ outcome }) => outcome === 'broken')) return unknown('could not be looked up');
      return pass(`${results.size} names, none answered`);
    },
    fix,
  },
];
