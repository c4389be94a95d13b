import type { Address } from './address.ts';
import { parseIpv4, parseIpv6, unmapped } from './address.ts';

/** What an address stands for. Documentation ranges count as `public`: they stand for the internet in tests. */
export type AddressClass =
  | 'public'
  | 'private'
  | 'cgnat'
  | 'benchmark'
  | 'loopback'
  | 'link-local'
  | 'metadata'
  | 'multicast'
  | 'unspecified'
  | 'reserved'
  | 'translated';

/** Closed for every policy and every mode: no rule opens these. */
export const NEVER_CLASSES: ReadonlySet<AddressClass> = new Set<AddressClass>([
  'loopback',
  'link-local',
  'metadata',
  'multicast',
  'unspecified',
  'reserved',
]);

type Range = { readonly bytes: readonly number[]; readonly bits: number; readonly addressClass: AddressClass; readonly embeds?: number };

// First match decides, so single addresses stand before the range they lie in.
// Source: the IANA special-purpose registries; the metadata addresses from the clouds' own documentation.
const IPV4 = ranges(parse4, [
  ['169.254.169.254/32', 'metadata'],
  ['169.254.170.2/32', 'metadata'],
  ['169.254.170.23/32', 'metadata'],
  ['100.100.100.200/32', 'metadata'],
  ['192.0.0.192/32', 'metadata'],
  ['168.63.129.16/32', 'metadata'],
  ['0.0.0.0/8', 'unspecified'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'cgnat'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.88.99.0/24', 'translated'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'benchmark'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
]);

// `embeds`: where an IPv4 address lies inside; if that one is never-class, so is the whole.
const IPV6 = ranges(parse6, [
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['::ffff:0:0:0/96', 'translated', 12],
  ['::/96', 'translated', 12],
  ['64:ff9b::/96', 'translated', 12],
  ['64:ff9b:1::/48', 'reserved'],
  ['100::/64', 'reserved'],
  ['2001::/32', 'translated'],
  ['2001:2::/48', 'benchmark'],
  ['2002::/16', 'translated', 2],
  ['fd00:ec2::254/128', 'metadata'],
  ['fd00:ec2::23/128', 'metadata'],
  ['fd20:ce::254/128', 'metadata'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'private'],
  ['ff00::/8', 'multicast'],
  ['2000::/3', 'public'],
  ['::/0', 'reserved'],
]);

/** The class of an address; a form that carries an IPv4 address is never more open than that address. */
export function classifyAddress(given: Address): AddressClass {
  const address = unmapped(given);
  const range = rangeOf(address);
  if (!range) return 'public';
  if (range.embeds === undefined) return range.addressClass;
  const inner = classifyAddress({ family: 4, bytes: address.bytes.slice(range.embeds, range.embeds + 4) });
  return NEVER_CLASSES.has(inner) ? inner : range.addressClass;
}

function rangeOf({ family, bytes }: Address): Range | undefined {
  for (const range of family === 4 ? IPV4 : IPV6) if (isWithin(bytes, range)) return range;
  return undefined;
}

function isWithin(bytes: readonly number[], range: Range): boolean {
  for (let at = 0; at * 8 < range.bits; at += 1) {
    const bits = Math.min(8, range.bits - at * 8);
    const mask = (0xff << (8 - bits)) & 0xff;
    if (((bytes[at] ?? 0) & mask) !== ((range.bytes[at] ?? 0) & mask)) return false;
  }
  return true;
}

type Row = readonly [cidr: string, addressClass: AddressClass, embeds?: number];

function ranges(parse: (text: string) => readonly number[], rows: readonly Row[]): readonly Range[] {
  return rows.map(([cidr, addressClass, embeds]) => {
    const [text = '', bits] = cidr.split('/');
    return { bytes: parse(text), bits: Number(bits), addressClass, ...(embeds === undefined ? {} : { embeds }) };
  });
}

function parse4(text: string): readonly number[] {
  const address = parseIpv4(text);
  if (address === undefined || address === 'broken') throw new Error(`not an IPv4 address: ${text}`);
  return address.bytes;
}

function parse6(text: string): readonly number[] {
  const address = parseIpv6(text);
  if (!address) throw new Error(`not an IPv6 address: ${text}`);
  return address.bytes;
}
