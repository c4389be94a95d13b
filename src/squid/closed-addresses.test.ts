import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NEVER_CLASSES, classifyAddress } from '../policy/address-class.ts';
import { formatAddress, parseAddress, type Address } from '../policy/address.ts';
import { NEVER, PRIVATE } from './closed-addresses.ts';

function read(text: string): Address {
  const parsed = parseAddress(text);
  assert.ok(parsed !== undefined && parsed !== 'broken', text);
  return parsed;
}

function holds(networks: readonly string[], { family, bytes }: Address): boolean {
  return networks.some((network) => {
    const [text = '', length] = network.split('/');
    // Not `parseAddress` for IPv6: it would take ::ffff:... for IPv4, which Squid does not print.
    const from = read(text);
    if (from.family !== family) return false;
    const bits = length === undefined ? from.bytes.length * 8 : Number(length);
    return from.bytes.every((byte, at) => {
      const left = Math.max(0, Math.min(8, bits - at * 8));
      const mask = (0xff << (8 - left)) & 0xff;
      return (byte & mask) === ((bytes[at] ?? 0) & mask);
    });
  });
}

const edges = [
  '0.0.0.0',
  '9.255.255.255',
  '10.0.0.0',
  '100.64.0.0',
  '100.127.255.255',
  '100.128.0.0',
  '127.0.0.1',
  '169.254.169.254',
  '172.15.255.255',
  '172.16.0.1',
  '172.32.0.0',
  '192.0.0.192',
  '192.0.1.0',
  '192.88.99.1',
  '198.17.255.255',
  '198.18.0.0',
  '198.20.0.0',
  '223.255.255.255',
  '224.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '1fff::1',
  '2000::1',
  '3fff::1',
  '4000::',
  '::',
  '::1',
  '::7f00:1',
  'fbff::1',
  'fc00::1',
  'fe7f::1',
  'fe80::1',
  'febf::1',
  'fec0::1',
  'ff02::1',
  '64:ff9b::a00:1',
  '100::1',
  'fd00:ec2::254',
  '2001::1',
  '2002:7f00:1::',
];
const v4 = fc.ipV4().map(read);
const v6 = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 16, maxLength: 16 }).map((bytes): Address => ({ family: 6, bytes }));

test('closed addresses: any address -> closed at least where the gate closes it', () => {
  fc.assert(
    fc.property(fc.oneof(v4, v6, fc.constantFrom(...edges).map(read)), (address) => {
      const addressClass = classifyAddress(address);
      const told = `${formatAddress(address)} ${addressClass}`;
      if (NEVER_CLASSES.has(addressClass)) assert.ok(holds(NEVER, address), told);
      if (addressClass !== 'public') assert.ok(holds(NEVER, address) || holds(PRIVATE, address), told);
      else assert.ok(!holds(NEVER, address) && !holds(PRIVATE, address), told);
    }),
    { numRuns: 3000 },
  );
  for (const text of edges) {
    const address = read(text);
    assert.equal(holds([...NEVER, ...PRIVATE], address), classifyAddress(address) !== 'public', text);
  }
});

test('closed addresses: a private address that a rule may name -> is not among those that nothing opens', () => {
  for (const text of ['10.0.0.1', '192.168.1.5', '172.16.0.1', '100.64.0.1', '198.18.0.1', 'fd12::1'])
    assert.ok(!holds(NEVER, read(text)), text);
});
