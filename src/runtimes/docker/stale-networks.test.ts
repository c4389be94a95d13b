import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { staleNetworks } from './stale-networks.ts';

const WANTED = [
  { key: 'node-nas.gate', address: '10.87.16.3', beside: '10.87.16.5' },
  { key: 'node-nas.gateway-main', address: '10.87.16.11', beside: '10.87.16.13' },
];
const network = (name: string, subnet: string) => ({ name: `lobsterpot-home.${name}`, subnet, containers: [] });

suite('staleNetworks', () => {
  const table: ReadonlyArray<readonly [string, string, string, boolean]> = [
    ['as wanted', 'node-nas.gate', '10.87.16.0/29', false],
    ['its name in another place', 'node-nas.gate', '10.87.16.16/29', true],
    ['another one in its place', 'node-old.gate', '10.87.16.0/29', true],
    ['a wider one over its place', 'node-old.gate', '10.87.16.0/24', true],
    ['another one elsewhere', 'node-old.gate', '10.87.16.16/29', false],
    ['its name without a subnet', 'node-nas.gate', '', true],
  ];
  for (const [what, name, subnet, expected] of table) {
    test(`${what} -> ${expected ? 'removed' : 'stays'}`, () => {
      const found = [network('node-nas.gateway-main', '10.87.16.8/29'), network(name, subnet)];
      assert.deepEqual(staleNetworks('home', WANTED, found), expected ? [found[1]] : []);
    });
  }
});
