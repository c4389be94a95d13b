import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { formatAddress, parseAddress, parseIpv4, parseIpv6 } from './address.ts';

function text(given: string): string | undefined {
  const address = parseAddress(given);
  return address === undefined || address === 'broken' ? address : formatAddress(address);
}

const FORMS = {
  '127.0.0.1': '127.0.0.1',
  '127.1': '127.0.0.1',
  '0x7f.1': '127.0.0.1',
  '0X7F000001': '127.0.0.1',
  '2130706433': '127.0.0.1',
  '0177.0.0.1': '127.0.0.1',
  '017700000001': '127.0.0.1',
  '0': '0.0.0.0',
  '10.256': '10.0.1.0',
  '1.2.3.4.5': 'broken',
  '256.1.1.1': 'broken',
  '1.2.3.256': 'broken',
  '4294967296': 'broken',
  'a.b.0x': 'broken',
  '1.2.3.08': 'broken',
  'example.123': 'broken',
  '123.example': undefined,
  cafe: undefined,
  '::1': '::1',
  '[::1]': '::1',
  '::ffff:127.0.0.1': '127.0.0.1',
  '::FFFF:7f00:1': '127.0.0.1',
  'fe80::1%eth0': 'fe80::1',
  '2001:DB8:0:0:1:0:0:1': '2001:db8::1:0:0:1',
  '1:0:0:2:0:0:0:3': '1:0:0:2::3',
  '::': '::',
  '1::': '1::',
  '1:2:3:4:5:6:7:8': '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7': 'broken',
  '1:2:3:4:5:6:7:8:9': 'broken',
  '1::2::3': 'broken',
  '1:2:3:4::5:6:7:8': 'broken',
  ':1': 'broken',
  '[': undefined,
  '[1.2.3.4]': 'broken',
  '::1.2.3': 'broken',
  '::01.2.3.4': 'broken',
  '::12345': 'broken',
};

for (const [given, expected] of Object.entries(FORMS)) {
  test(`parseAddress: ${given} -> ${expected ?? 'a name'}`, () => {
    assert.equal(text(given), expected);
  });
}

test('parseIpv4: any spelling of any part -> what ipaddr.js reads too', () => {
  const spelling = fc.constantFrom('d', 'x', 'o');
  const part = fc
    .tuple(fc.integer({ min: 0, max: 255 }), spelling)
    .map(([value, how]) => (how === 'd' ? `${value}` : how === 'x' ? `0x${value.toString(16)}` : `0${value.toString(8)}`));
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      const given = parts.join('.');
      assert.equal(text(given), ipaddr.IPv4.parse(given).toString());
    }),
  );
});

test('parseIpv4: digits and dots -> four plain numbers are those numbers, also where one is written another way', () => {
  const part = fc.string({ unit: fc.constantFrom('0', '1', '2', '5', '6', '9'), maxLength: 4 });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const given = parts.join('.');
      const address = parseIpv4(given);
      if (isIPv4(given)) assert.deepEqual(address, { family: 4, bytes: parts.map(Number) });
      const last = Number(parts[3]);
      if (isIPv4(given)) assert.deepEqual(address, parseIpv4([...parts.slice(0, 3), `0x${last.toString(16)}`].join('.')));
      else assert.notEqual(text(given), given);
    }),
    { numRuns: 3000 },
  );
});

test('parseIpv6: any text -> agrees with node:net, and its canonical form reads back as itself', () => {
  const group = fc.constantFrom('', '', '0', '1', 'ffff', 'db8', '1.2.3.4', '255.255.255.255', 'g', '00000');
  const texts = fc.oneof(
    fc.array(group, { maxLength: 10 }).map((groups) => groups.join(':')),
    fc.ipV6(),
    fc.string(),
  );
  fc.assert(
    fc.property(texts, (given) => {
      if (given.includes('%')) return;
      const address = parseIpv6(given);
      assert.equal(address !== undefined, isIPv6(given), given);
      if (!address) return;
      assert.deepEqual(parseIpv6(formatAddress(address)), address);
      assert.equal(formatAddress(address).includes('.'), false);
    }),
    { numRuns: 2000 },
  );
});

test('parseIpv4: any text -> an address, broken or a name, and every address node:net knows is one', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.ipV4(), fc.ipV4Extended()), (given) => {
      const address = parseIpv4(given);
      if (isIPv4(given)) assert.equal(address === undefined || address === 'broken', false);
      if (address && address !== 'broken') assert.equal(address.bytes.length, 4);
    }),
  );
});
