import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { chooseSubnet, overlaps } from './choose-subnet.ts';
import { networkText } from './subnet.ts';

test('chooseSubnet: a free host -> always the same for a name, another for another name', () => {
  const home = networkText(chooseSubnet('home', 'nas', []));
  assert.match(home, /^10\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d+\.0\/20$/);
  assert.equal(networkText(chooseSubnet('home', 'nas', ['0.0.0.0/0', 'fd00::/8'])), home);
  assert.notEqual(networkText(chooseSubnet('work', 'nas', [])), home);
});

test('chooseSubnet: whatever is taken -> nothing of it overlaps', () => {
  const taken = fc.record({
    b: fc.integer({ min: 64, max: 127 }),
    c: fc.integer({ min: 0, max: 255 }),
    prefix: fc.integer({ min: 14, max: 28 }),
  });
  fc.assert(
    fc.property(fc.array(taken, { maxLength: 40 }), (networks) => {
      const texts = networks.map(({ b, c, prefix }) => {
        const size = 2 ** (32 - prefix);
        const first = Math.floor((10 * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8) / size) * size;
        return networkText({ first, prefix });
      });
      assert.deepEqual(overlaps(chooseSubnet('home', 'nas', texts), texts), []);
    }),
  );
});

test('chooseSubnet: everything is taken -> a Problem that says what to set', () => {
  assert.throws(() => chooseSubnet('home', 'nas', ['10.0.0.0/8']), /no room for the networks/);
});

test('overlaps: a network that lies in another, and its neighbour -> the first alone', () => {
  const subnet = chooseSubnet('home', 'nas', []);
  assert.deepEqual(
    overlaps(subnet, [networkText({ first: subnet.first + 256, prefix: 24 }), networkText({ first: subnet.first + 4096, prefix: 24 })]),
    [networkText({ first: subnet.first + 256, prefix: 24 })],
  );
});
