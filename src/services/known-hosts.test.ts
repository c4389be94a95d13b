import assert from 'node:assert/strict';
import { test } from 'node:test';

import { knownHosts } from './known-hosts.ts';

for (const [what, address, port, keys, expected] of [
  ['the usual port', 'Mac-Mini.lan', 22, ['ssh-rsa B', 'ssh-ed25519 A'], 'mac-mini.lan ssh-ed25519 A\nmac-mini.lan ssh-rsa B\n'],
  ['another port', '192.168.1.10', 2222, ['ssh-ed25519 A'], '[192.168.1.10]:2222 ssh-ed25519 A\n'],
  ['IPv6', 'fd00::1', 22, ['ssh-ed25519 A'], 'fd00::1 ssh-ed25519 A\n'],
  ['IPv6 and another port', 'fd00::1', 2222, ['ssh-ed25519 A'], '[fd00::1]:2222 ssh-ed25519 A\n'],
  ['no key known', 'nas', 22, [], ''],
] as const) {
  test(`knownHosts: ${what} -> ${JSON.stringify(expected)}`, () => assert.equal(knownHosts(address, port, keys), expected));
}
