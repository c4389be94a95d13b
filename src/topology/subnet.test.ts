import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { faultOfSubnet } from './subnet.ts';

suite('faultOfSubnet', () => {
  for (const valid of ['10.0.0.0/16', '10.87.16.0/20', '172.16.0.0/16', '172.31.252.0/22', '192.168.0.0/16', '192.168.128.0/20']) {
    test(`${valid} -> valid`, () => assert.equal(faultOfSubnet(valid), undefined));
  }
  for (const [wrong, cause] of [
    ['10.87.16.0', /not a network/],
    ['10.87.16/20', /not a network/],
    ['10.87.016.0/20', /not a network/],
    ['10.87.256.0/20', /not a network/],
    ['fd00::/20', /not a network/],
    [' 10.87.16.0/20', /not a network/],
    ['10.0.0.0/8', /size/],
    ['10.0.0.0/24', /size/],
    ['8.8.0.0/16', /outside/],
    ['172.32.0.0/16', /outside/],
    ['100.64.0.0/16', /outside/],
    ['192.169.0.0/16', /outside/],
    ['10.87.17.0/20', /middle/],
  ] as const) {
    test(`${wrong} -> refused`, () => assert.match(faultOfSubnet(wrong)?.cause ?? '', cause));
  }

  test('what begins in the middle -> the network that is suggested is valid', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.nat(255), fc.integer({ min: 16, max: 22 }), (b, c, d, bits) => {
        const fault = faultOfSubnet(`10.${b}.${c}.${d}/${bits}`);
        if (fault) assert.equal(faultOfSubnet(fault.change.replace('write ', '')), undefined);
      }),
    );
  });
});
