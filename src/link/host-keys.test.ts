import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Problem } from '../core/problem.ts';
import type { Host } from '../hosts/host.ts';
import { localHost } from '../hosts/local-host.ts';
import { readHostKeys } from './host-keys.ts';
import { generateLinkKey } from './link-key.ts';

const [one, two] = [generateLinkKey().publicKey, generateLinkKey().publicKey];

/** A host with these files, whose `sshd -T` says this (undefined: it may not be asked). */
function hostWith(files: Readonly<Record<string, string>>, told?: string): Host {
  return {
    ...localHost('mac'),
    run: () => Promise.resolve({ code: told === undefined ? 1 : 0, signal: undefined, timedOut: false, stdout: told ?? '', stderr: '' }),
    read: (path) => Promise.resolve(files[path] === undefined ? undefined : Buffer.from(files[path])),
  };
}

void test('readHostKeys: sshd may be asked -> the keys of its configuration alone', async () => {
  const files = { '/etc/ssh/ssh_host_ed25519_key.pub': `${one} root@mac\n`, '/opt/key.pub': `${two} root@mac\n` };
  assert.deepEqual(await readHostKeys(hostWith(files, 'port 22\nhostkey /opt/key\nhostkey /opt/gone\n')), [two]);
});

void test('readHostKeys: sshd may not be asked -> those of the usual place', async () => {
  const files = { '/etc/ssh/ssh_host_ed25519_key.pub': `${one} root@mac\n`, '/etc/ssh/ssh_host_rsa_key.pub': 'broken\n' };
  assert.deepEqual(await readHostKeys(hostWith(files)), [one]);
});

void test('readHostKeys: none can be read -> a Problem, never an empty list', async () => {
  for (const host of [hostWith({}), hostWith({}, 'hostkey /opt/key\n')])
    await assert.rejects(readHostKeys(host), (error) => error instanceof Problem && error.code === 'link/host-keys');
});
