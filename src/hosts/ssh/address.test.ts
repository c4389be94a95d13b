import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Problem } from '../../core/problem.ts';
import { destination, parseSshAddress, typedSsh } from './address.ts';

for (const [text, expected, typed] of [
  ['ssh://nas', { host: 'nas' }, 'ssh nas'],
  ['ssh://admin@nas.local', { host: 'nas.local', user: 'admin' }, 'ssh admin@nas.local'],
  ['ssh://admin@192.168.1.7:2222/', { host: '192.168.1.7', user: 'admin', port: 2222 }, 'ssh -p 2222 admin@192.168.1.7'],
  ['ssh://[fe80::1%eth0]:22', { host: 'fe80::1%eth0', port: 22 }, 'ssh -p 22 fe80::1%eth0'],
  [String.raw`ssh://DOM\me@nas`, { host: 'nas', user: String.raw`DOM\me` }, String.raw`ssh DOM\me@nas`],
] as const) {
  test(`parseSshAddress: ${text} -> ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(parseSshAddress(text), expected);
    assert.equal(typedSsh(parseSshAddress(text)), typed);
  });
}

for (const text of [
  'nas',
  'ssh:nas',
  'ssh://',
  'ssh://-oProxyCommand=id',
  'ssh://-l@nas',
  'ssh://me@-v',
  'ssh://me:secret@nas',
  'ssh://nas/folder',
  'ssh://nas:0',
  'ssh://nas:65536',
  'ssh://na s',
  'ssh://nas\n',
  'ssh://$(id)',
  'https://nas',
]) {
  test(`parseSshAddress: ${JSON.stringify(text)} -> refused`, () => {
    assert.throws(
      () => parseSshAddress(text),
      (error: unknown) => error instanceof Problem && error.code === 'hosts/ssh-address',
    );
  });
}

test('destination: whatever was accepted -> no argument that ssh takes for an option of its own', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (user, host) => {
      let address;
      try {
        address = parseSshAddress(`ssh://${user}@${host}`);
      } catch {
        return;
      }
      const argv = destination(address);
      assert.equal(argv.at(-2), '--');
      assert.ok(!argv.at(-1)?.startsWith('-') && address.user?.startsWith('-') !== true);
    }),
  );
});
