import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepsLowPorts } from './low-ports.ts';

for (const [kernel, expected] of [
  ['4.4.302+', true],
  ['3.10.108', true],
  ['4.10.0-42-generic', true],
  ['4.11.0', false],
  ['5.10.55', false],
  ['6.1.0-18-amd64', false],
  ['', false],
] as const) {
  test(`keepsLowPorts: ${JSON.stringify(kernel)} -> ${expected}`, () => assert.equal(keepsLowPorts(kernel), expected));
}
