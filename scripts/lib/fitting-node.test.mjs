import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { nodeFits } from '../../bin/fitting-node.mjs';

suite('nodeFits', () => {
  const table = {
    '18.20.0': false,
    '20.20.2': false,
    '22.21.0': false,
    '24.15.9': false,
    '24.16.0': true,
    '24.99.0': true,
    '25.9.0': false,
    '26.0.0': false,
    '26.1.0': true,
    '26.10.0': true,
    '27.0.0': true,
  };
  for (const [version, fits] of Object.entries(table)) test(`${version} -> ${fits}`, () => assert.equal(nodeFits(version), fits));
});
