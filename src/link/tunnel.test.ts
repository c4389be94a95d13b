import assert from 'node:assert/strict';
import { test } from 'node:test';

import { linkServiceOf } from '../services/link-service.ts';
import { readTunnel, sshArgv } from './tunnel.ts';

const link = { kind: 'ssh-tunnel', user: 'tunnel', address: 'mac.lan', port: 2222 } as const;
const { command } = linkServiceOf({ node: 'nas', host: 'nas', link, gatewayPort: 18_789, hostKeys: [] });

void test('readTunnel: the command of the link’s service -> its parts; nothing that would open the tunnel again', () => {
  const { options, ...rest } = readTunnel(command);
  assert.deepEqual(rest, { program: '{ssh}', user: 'tunnel', address: 'mac.lan', port: 2222, gatewayPort: 18_789 });
  assert.ok(!options.includes('-N') && !options.includes('-L'));
  const left = command.filter((one) => !options.includes(one));
  assert.deepEqual(left, ['{ssh}', '-N', '-L', '127.0.0.1:18790:127.0.0.1:18789', '-p', '2222', '-l', 'tunnel', '--', 'mac.lan']);
});

void test('readTunnel: the service’s own options -> what the probes rely on is among them', () => {
  const { options } = readTunnel(command);
  for (const one of ['StrictHostKeyChecking=yes', 'IdentitiesOnly=yes', 'BatchMode=yes', 'ExitOnForwardFailure=yes', 'UpdateHostKeys=no'])
    assert.ok(options.includes(one), one);
});

void test('readTunnel: another command -> refused', () => {
  const bad = [
    [],
    ['ssh'],
    ['ssh', '-L', 'x:1:127.0.0.1:2', '--', 'mac'],
    [...command, 'sh'],
    command.slice(0, -1),
    command.map((one) => one.replace(':127.0.0.1:', ':10.0.0.1:')),
  ];
  for (const one of bad) assert.throws(() => readTunnel(one), TypeError);
});

void test('sshArgv: what must win -> before the own options, because ssh takes the first value', () => {
  const tunnel = readTunnel(command);
  const argv = sshArgv(tunnel, { first: ['-o', 'StrictHostKeyChecking=no'], command: ['true'] });
  assert.ok(argv.indexOf('StrictHostKeyChecking=no') < argv.indexOf('StrictHostKeyChecking=yes'));
  assert.deepEqual(argv.slice(-3), ['--', 'mac.lan', 'true']);
});
