import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Problem } from '../../core/problem.ts';
import { checkedAddress, destination, typedSsh } from './address.ts';

for (const [address, typed, argv] of [
  [{ host: 'nas' }, 'ssh nas', ['--', 'nas']],
  [{ host: 'nas.local', user: 'admin' }, 'ssh admin@nas.local', ['-l', 'admin', '--', 'nas.local']],
  [{ host: '192.168.1.7', user: 'a', port: 2222 }, 'ssh -p 2222 a@192.168.1.7', ['-p', '2222', '-l', 'a', '--', '192.168.1.7']],
  [{ host: 'fe80::1%eth0', port: 22 }, 'ssh -p 22 fe80::1%eth0', ['-p', '22', '--', 'fe80::1%eth0']],
  [{ host: 'nas', user: String.raw`DOM\me` }, String.raw`ssh DOM\me@nas`, ['-l', String.raw`DOM\me`, '--', 'nas']],
] as const) {
  test(`checkedAddress: ${typed} -> taken`, () => {
    assert.deepEqual([typedSsh(checkedAddress(address)), destination(address)], [typed, argv]);
  });
}

for (const address of [
  { host: '' },
  { host: '-oProxyCommand=id' },
  { host: 'nas', user: '-l' },
  { host: 'nas', user: 'me:secret' },
  { host: 'nas/folder' },
  { host: 'nas\n' },
  { host: '$(id)' },
  { host: 'nas', port: 0 },
  { host: 'nas', port: 65_536 },
  { host: 'nas', port: 2.5 },
]) {
  test(`checkedAddress: ${JSON.stringify(address)} -> refused`, () => {
    assert.throws(
      () => checkedAddress(address),
      (error: unknown) => error instanceof Problem && error.code === 'hosts/ssh-address',
    );
  });
}

test('destination: whatever was taken -> no argument that ssh takes for an option of its own', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (user, host) => {
      let argv;
      try {
        argv = destination(checkedAddress({ user, host }));
      } catch {
        return;
      }
      assert.deepEqual([argv.at(-2), argv.filter((one) => one.startsWith('-'))], ['--', ['-l', '--']]);
    }),
  );
});
