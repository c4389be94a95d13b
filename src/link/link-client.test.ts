import assert from 'node:assert/strict';
import { test } from 'node:test';

import { linkClient, sshArgv, tunnelArgv } from './link-client.ts';

const end = { user: 'tunnel', address: 'mac.lan', port: 22 };
const client = linkClient('/usr/bin/ssh', end, { identity: '/secrets/link_key', knownHosts: '/config/known_hosts' });

void test('linkClient: options -> one key, pinned hosts, no configuration, no question', () => {
  const set = client.options.filter((one) => one.includes('='));
  for (const one of [
    'IdentityFile="/secrets/link_key"',
    'UserKnownHostsFile="/config/known_hosts"',
    'GlobalKnownHostsFile=none',
    'StrictHostKeyChecking=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'BatchMode=yes',
    'ExitOnForwardFailure=yes',
  ])
    assert.ok(set.includes(one), one);
  assert.deepEqual(client.options.slice(0, 2), ['-F', 'none']);
  assert.ok(!client.options.includes('-L'));
});

void test('tunnelArgv: near address, IPv6 too -> one forward to the far loopback, the host after --', () => {
  assert.deepEqual(tunnelArgv(client, { address: '10.1.2.3', port: 18_790 }, 18_789), [
    '/usr/bin/ssh',
    ...client.options,
    '-N',
    '-L',
    '10.1.2.3:18790:127.0.0.1:18789',
    '-p',
    '22',
    '-l',
    'tunnel',
    '--',
    'mac.lan',
  ]);
  assert.ok(tunnelArgv(client, { address: '::1', port: 1 }, 2).includes('[::1]:1:127.0.0.1:2'));
});

void test('sshArgv: what must win -> before the own options, because ssh takes the first value', () => {
  const argv = sshArgv(client, { first: ['-o', 'StrictHostKeyChecking=no'], command: ['true'] });
  assert.ok(argv.indexOf('StrictHostKeyChecking=no') < argv.indexOf('StrictHostKeyChecking=yes'));
  assert.deepEqual(argv.slice(-3), ['--', 'mac.lan', 'true']);
});

void test('linkClient: odd paths -> told as they are, or refused', () => {
  assert.ok(linkClient('ssh', end, { identity: '/a b/100%', knownHosts: '/k' }).options.includes('IdentityFile="/a b/100%%"'));
  assert.throws(() => linkClient('ssh', end, { identity: '/a"b', knownHosts: '/k' }), TypeError);
});
