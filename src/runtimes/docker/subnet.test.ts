import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import fc from 'fast-check';

import { addressIn, cutNetworks, networkText, parseNetwork, wishedPlace, type Ipv4Network } from './subnet.ts';

const FROM: Ipv4Network = { first: 0x0a571000, prefix: 20 };
const names = fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), { maxLength: 60 });

suite('subnet', () => {
  const table: ReadonlyArray<readonly [string, string | undefined]> = [
    ['10.87.16.0/20', '10.87.16.0/20'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['255.255.255.255/32', '255.255.255.255/32'],
    ['10.87.17.0/20', undefined],
    ['10.87.16.0', undefined],
    ['10.87.256.0/20', undefined],
    ['10.87.16.0/33', undefined],
    ['fd00::/8', undefined],
    ['', undefined],
  ];
  for (const [text, expected] of table) {
    test(`parseNetwork: ${JSON.stringify(text)} -> ${expected ?? 'undefined'}`, () => {
      const network = parseNetwork(text);
      assert.equal(network && networkText(network), expected);
    });
  }

  test('addressIn: offsets carry over', () => assert.equal(addressIn(FROM, 258), '10.87.17.2'));

  test('cutNetworks: any names -> each has its own slice inside the subnet', () => {
    fc.assert(
      fc.property(names, (all) => {
        const cut = cutNetworks(all, FROM);
        assert.deepEqual([...cut.keys()].toSorted(), all.toSorted());
        const firsts = [...cut.values()].map((one) => one.first);
        assert.equal(new Set(firsts).size, all.length);
        for (const first of firsts) {
          assert.ok(first >= FROM.first && first + 8 <= FROM.first + 4096);
          assert.equal(first % 8, 0);
        }
      }),
    );
  });

  test('cutNetworks: order does not matter', () => {
    fc.assert(fc.property(names, (all) => assert.deepEqual(sorted(all), sorted(all.toReversed()))));
  });

  test('cutNetworks: one more name that wants a free place -> nobody moves', () => {
    fc.assert(
      fc.property(names, fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/), (all, more) => {
        fc.pre(!all.includes(more));
        const before = cutNetworks(all, FROM);
        const wished = FROM.first + wishedPlace(more, 512) * 8;
        fc.pre([...before.values()].every((one) => one.first !== wished));
        const after = cutNetworks([...all, more], FROM);
        for (const name of all) assert.deepEqual(after.get(name), before.get(name));
      }),
    );
  });

  test('cutNetworks: a subnet that is full or too small -> a Problem', () => {
    assert.throws(() => cutNetworks(['a', 'b', 'c'], { first: FROM.first, prefix: 28 }), { code: 'docker/subnet' });
    assert.throws(() => cutNetworks(['a'], { first: FROM.first, prefix: 30 }), { code: 'docker/subnet' });
    assert.equal(cutNetworks(['a', 'b'], { first: FROM.first, prefix: 28 }).size, 2);
  });
});

function sorted(all: readonly string[]): readonly unknown[] {
  return [...cutNetworks(all, FROM)].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
