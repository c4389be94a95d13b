import { projectName } from '../../../runtimes/docker/layout.ts';
import { overlaps } from '../../../runtimes/docker/choose-subnet.ts';
import { parseNetwork } from '../../../runtimes/docker/subnet.ts';
import { PORTS } from '../preflight-checks.ts';
import { containerCheck, engineCheck, fine, hostCheck, unseen, wrong, type HostCheck } from './host-check.ts';

const EVERYWHERE = new Set(['0.0.0.0', '::']);

const ports = containerCheck(PORTS, ({ asked, facts, look }) => {
  const wanted = asked.services.flatMap(({ name, published }) => published.map((one) => ({ ...one, name })));
  if (wanted.length === 0) return fine('none is published here');
  const { listening } = facts;
  if (!listening || listening.length === 0)
    return unseen('what listens there was not told', 'look there: ss -ltn, or on a Mac: netstat -an -p tcp');
  const taken = wanted
    .filter(({ name }) => !look.running.has(name))
    .filter(({ address, port }) =>
      listening.some((one) => one.port === port && (one.address === address || EVERYWHERE.has(one.address) || EVERYWHERE.has(address))),
    );
  const told = new Set(taken.map(({ port, name }) => `port ${port} of ${name} is in use by another program`));
  return told.size === 0
    ? fine(`${[...new Set(wanted.map((one) => one.port))].join(', ')} free or ours`)
    : wrong(
        [...told].join(', '),
        `give it another port in lobsterpot.yaml, or end the other program there (sudo ss -ltnp 'sport = :${taken[0]?.port ?? 0}')`,
      );
});

const address = hostCheck(
  {
    id: 'preflight.address',
    title: "the addresses to publish on are the host's own",
    severity: 'high',
    tries: "comparing bind with the host's addresses",
    sabotage: 'an address of another machine',
  },
  ({ asked, look }) => {
    const wanted = [...new Set(asked.services.flatMap((one) => one.published.map((at) => at.address)))].filter(
      (one) => !one.startsWith('127.') && !EVERYWHERE.has(one),
    );
    if (wanted.length === 0) return undefined;
    if (look.addresses.length === 0) return unseen('the host did not tell its addresses', 'look there: ip address, or on a Mac: ifconfig');
    const foreign = wanted.filter((one) => !look.addresses.includes(one));
    const own = look.addresses.filter((one) => !one.startsWith('127.'));
    return foreign.length === 0
      ? fine(wanted.join(', '))
      : wrong(
          `${foreign.join(', ')} is no address of this host, which has ${own.join(', ') || 'none'}`,
          'set bind of the gateway in lobsterpot.yaml to one of them, or remove it',
        );
  },
);

const subnet = engineCheck(
  {
    id: 'preflight.subnet',
    title: "the deployment's networks lie in nobody else's",
    severity: 'high',
    tries: "comparing the subnet with the host's routes (LAN, VPN) and the engine's networks",
    sabotage: 'the subnet lies in the LAN',
  },
  ({ networks }, { asked, facts }) => {
    if (asked.subnet === undefined) return fine('a free one is chosen at the first up');
    const network = parseNetwork(asked.subnet);
    if (!network)
      return unseen(
        `the subnet ${asked.subnet} cannot be read`,
        'set subnet of that host in lobsterpot.yaml to a private network such as 10.87.16.0/20',
      );
    const isOwn = (name: string): boolean => name.startsWith(`${projectName(asked.deployment)}.`);
    const own = new Set(networks.filter((one) => isOwn(one.name)).flatMap((one) => one.subnets));
    const routed = (facts.routes ?? [])
      .filter((one) => !own.has(one.subnet))
      .map((one) => ({ subnet: one.subnet, by: `routed by ${one.device}` }));
    const held = networks
      .filter((one) => !isOwn(one.name))
      .flatMap(({ name, subnets }) => subnets.map((one) => ({ subnet: one, by: `docker's network ${name}` })));
    // A network of the engine is routed too: it is told once, by its name.
    const seen = [...held, ...routed.filter((one) => !held.some((other) => other.subnet === one.subnet))];
    const clash = seen.filter((one) => overlaps(network, [one.subnet]).length > 0);
    return clash.length === 0
      ? fine(asked.subnet)
      : wrong(
          `${asked.subnet} overlaps with ${clash.map((one) => `${one.subnet} (${one.by})`).join(', ')}`,
          'set subnet of that host in lobsterpot.yaml to a private network that nothing there uses, such as 10.87.16.0/20',
        );
  },
);

/** Ports, addresses and networks. */
export const NETWORK_CHECKS: readonly HostCheck[] = [ports, address, subnet];
