import { sha256 } from '../../core/digest.ts';
import { Problem } from '../../core/problem.ts';
import { networkText, parseNetwork, type Ipv4Network } from './subnet.ts';

const PREFIX = 20;
const SIZE = 2 ** (32 - PREFIX);
/** 10.64.0.0/10: home routers begin at 10.0.0.0, and Docker's own pools and most VPNs lie elsewhere. */
const FROM: Ipv4Network = { first: 10 * 2 ** 24 + 64 * 2 ** 16, prefix: 10 };
const PLACES = 2 ** (PREFIX - FROM.prefix);

/**
 * A private /20 for a deployment's networks that overlaps with nothing that the host routes or its engine holds. Where the search
 * begins is a digest of the deployment's name, so that two deployments rarely want the same. Pure.
 */
export function chooseSubnet(deployment: string, host: string, taken: readonly string[]): Ipv4Network {
  const others = taken.flatMap((text) => overlapping(text));
  const start = Number.parseInt(sha256(deployment).slice(0, 8), 16) % PLACES;
  for (let step = 0; step < PLACES; step += 1) {
    const subnet = { first: FROM.first + ((start + step) % PLACES) * SIZE, prefix: PREFIX };
    if (!others.some((one) => overlap(one, subnet))) return subnet;
  }
  throw new Problem('docker/no-subnet', `host ${host} has no room for the networks of this deployment`, {
    cause: `it routes something in every /${PREFIX} of ${networkText(FROM)}`,
    fix: 'set subnet of that host to a free private network in lobsterpot.yaml, then run: lobsterpot up',
  });
}

/** Which of these overlap with a subnet that was asked for or chosen before. Pure. */
export function overlaps(subnet: Ipv4Network, taken: readonly string[]): readonly string[] {
  return taken.filter((text) => overlapping(text).some((one) => overlap(one, subnet)));
}

/** A default route is no network of its own; IPv6 is none of ours. */
function overlapping(text: string): readonly Ipv4Network[] {
  const network = parseNetwork(text);
  return network === undefined || network.prefix === 0 ? [] : [network];
}

function overlap(a: Ipv4Network, b: Ipv4Network): boolean {
  const end = (one: Ipv4Network): number => one.first + 2 ** (32 - one.prefix);
  return a.first < end(b) && b.first < end(a);
}
