import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAddress } from './address.ts';
import { type AddressClass, NEVER_CLASSES, classifyAddress } from './address-class.ts';

function classOf(text: string): AddressClass {
  const address = parseAddress(text);
  assert.ok(address !== undefined && address !== 'broken', text);
  return classifyAddress(address);
}

const CLASSES = {
  '1.1.1.1': 'public',
  '198.51.100.7': 'public',
  '203.0.113.9': 'public',
  '192.0.2.1': 'public',
  '172.32.0.1': 'public',
  '100.128.0.1': 'public',
  '2606:4700::1111': 'public',
  '2001:db8::1': 'public',
  '10.0.0.1': 'private',
  '172.31.255.255': 'private',
  '192.168.1.1': 'private',
  'fd12::1': 'private',
  'fec0::1': 'private',
  '100.64.0.1': 'cgnat',
  '198.19.0.1': 'benchmark',
  '127.0.0.1': 'loopback',
  '127.255.255.254': 'loopback',
  '::1': 'loopback',
  '::ffff:127.0.0.1': 'loopback',
  '::127.0.0.1': 'loopback',
  '64:ff9b::7f00:1': 'loopback',
  '2002:7f00:1::': 'loopback',
  '::ffff:0:127.0.0.1': 'loopback',
  '169.254.1.1': 'link-local',
  'fe80::1': 'link-local',
  '2002:a9fe:101::1': 'link-local',
  '169.254.169.254': 'metadata',
  '100.100.100.200': 'metadata',
  '168.63.129.16': 'metadata',
  'fd00:ec2::254': 'metadata',
  '64:ff9b::a9fe:a9fe': 'metadata',
  '224.0.0.1': 'multicast',
  'ff02::1': 'multicast',
  '0.0.0.0': 'unspecified',
  '0.1.2.3': 'unspecified',
  '::': 'unspecified',
  '255.255.255.255': 'reserved',
  '240.0.0.1': 'reserved',
  '64:ff9b:1::1': 'reserved',
  '4000::1': 'reserved',
  '64:ff9b::101:101': 'translated',
  '2002:101:101::1': 'translated',
  '2001:0:1::1': 'translated',
  '::1.2.3.4': 'translated',
  '192.88.99.1': 'translated',
};

for (const [text, expected] of Object.entries(CLASSES)) {
  test(`classifyAddress: ${text} -> ${expected}`, () => {
    assert.equal(classOf(text), expected);
  });
}

test('classifyAddress: a never-class IPv4 address in any wrapping -> never-class', () => {
  const inner = fc.constantFrom('7f000001', 'a9fea9fe', 'e0000001', '00000001', 'ffffffff');
  const wrap = fc.constantFrom(
    (hex: string) => `::ffff:${hex.slice(0, 4)}:${hex.slice(4)}`,
    (hex: string) => `64:ff9b::${hex.slice(0, 4)}:${hex.slice(4)}`,
    (hex: string) => `2002:${hex.slice(0, 4)}:${hex.slice(4)}::5`,
    (hex: string) => `::ffff:0:${hex.slice(0, 4)}:${hex.slice(4)}`,
  );
  fc.assert(
    fc.property(inner, wrap, (hex, form) => {
      assert.ok(NEVER_CLASSES.has(classOf(form(hex))), form(hex));
    }),
  );
});
