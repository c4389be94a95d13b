import { sha256 } from '../../core/digest.ts';
import { Problem } from '../../core/problem.ts';

/** An IPv4 network: its first address as a number, and the length of its prefix. */
export type Ipv4Network = { readonly first: number; readonly prefix: number };

/** Of each network cut from the host's: six usable addresses, for a bridge, two services and what runs beside each. */
export const SLICE_PREFIX = 29;
const SLICE_SIZE = 2 ** (32 - SLICE_PREFIX);

/** Reads `10.87.16.0/20`; undefined: no such network, or the address is not its first. */
export function parseNetwork(text: string): Ipv4Network | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!match) return undefined;
  const parts = match.slice(1, 5).map(Number);
  const prefix = Number(match[5]);
  if (parts.some((part) => part > 255) || prefix > 32) return undefined;
  const first = parts.reduce((sum, part) => sum * 256 + part, 0);
  return first % 2 ** (32 - prefix) === 0 ? { first, prefix } : undefined;
}

/** The address `offset` places after a network's first one. */
export function addressIn(network: Ipv4Network, offset: number): string {
  const number = network.first + offset;
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** An address as a number; undefined: it is none. */
export function numberOf(address: string): number | undefined {
  return parseNetwork(`${address}/32`)?.first;
}

/** `10.87.16.0/20`. */
export function networkText(network: Ipv4Network): string {
  return `${addressIn(network, 0)}/${network.prefix}`;
}

/**
 * Gives each name a network of its own from `from`. Where a name would like to lie is a digest of it, so that one more name moves
 * another only when both would like the same place.
 */
export function cutNetworks(names: readonly string[], from: Ipv4Network): ReadonlyMap<string, Ipv4Network> {
  const places = 2 ** (SLICE_PREFIX - from.prefix);
  if (from.prefix > SLICE_PREFIX || names.length > places) throw tooSmall(names.length, from);
  const taken = new Map<number, string>();
  for (const name of [...new Set(names)].toSorted()) {
    let place = wishedPlace(name, places);
    while (taken.has(place)) place = (place + 1) % places;
    taken.set(place, name);
  }
  return new Map([...taken].map(([place, name]) => [name, { first: from.first + place * SLICE_SIZE, prefix: SLICE_PREFIX }]));
}

/** Where a name lies when nobody else wants that place. */
export function wishedPlace(name: string, places: number): number {
  return Number.parseInt(sha256(name).slice(0, 12), 16) % places;
}

function tooSmall(names: number, from: Ipv4Network): Problem {
  return new Problem('docker/subnet', `the subnet ${networkText(from)} is too small for this host's networks`, {
    cause: `each of ${names} networks needs a /${SLICE_PREFIX} of its own`,
    fix: 'set subnet of the host to a free /20 in lobsterpot.yaml, then run: lobsterpot up',
  });
}
