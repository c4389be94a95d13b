import assert from 'node:assert/strict';
import { test } from 'node:test';

import { linkAttempts } from './link-attempts.ts';
import { readTunnel } from './tunnel.ts';

const command = [
  'ssh',
  '-N',
  '-F',
  'none',
  '-o',
  'BatchMode=yes',
  '-L',
  '127.0.0.1:18790:127.0.0.1:18789',
  '-p',
  '2222',
  '-l',
  'tunnel',
  '--',
  'mac.lan',
];
const tunnel = readTunnel(command);
const input = { canary: 'c0ffee', strangeKey: 'ssh-ed25519 AAAAstrange' };

/** What differs from the options that the tunnel has. */
function own(argv: readonly string[]): string {
  return argv.join(' ').replace(tunnel.options.join(' '), '~').replace('-p 2222 -l tunnel -- mac.lan', '@');
}

void test('linkAttempts: a link -> what is tried, each with the options of the tunnel itself', () => {
  const all = Object.entries(linkAttempts(tunnel, input)).map(([id, tries]) => [id, tries.map(({ argv }) => own(argv))]);
  assert.deepEqual(Object.fromEntries(all), {
    forward: ['ssh ~ -W 127.0.0.1:18789 @'],
    exec: ['ssh ~ @ echo c0ffee'],
    elsewhere: ['ssh ~ -W 127.0.0.1:2222 @', 'ssh ~ -W 127.0.0.1:18790 @', 'ssh ~ -W 192.0.2.1:443 @'],
    reverse: ['ssh ~ -R 127.0.0.1:0:127.0.0.1:9 @ true'],
    'reverse-socket': ['ssh ~ -R /tmp/lobsterpot-probe-c0ffee.sock:127.0.0.1:9 @ true'],
    'host-key': [
      'ssh -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=none -o KnownHostsCommand=/bin/echo %H ssh-ed25519 AAAAstrange ~ @ true',
      'ssh -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=none ~ @ true',
    ],
  });
});

void test('linkAttempts: the last port there is, or the port of ssh next to it -> elsewhere is never the gateway', () => {
  for (const gatewayPort of [65_535, 2221, 2222]) {
    const { forward, elsewhere } = linkAttempts({ ...tunnel, gatewayPort }, input);
    for (const { name } of elsewhere) assert.notEqual(name, forward[0]?.name);
  }
});
