import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';

import { PLAIN_PATH, run } from '../../hosts/run.ts';
import { CALLS, REFUSED } from './syscalls.ts';

const cpu = process.arch === 'arm64' ? 'arm64' : 'x64';

/** Opens a file as descriptors 30 and 251 and puts a key into a new session keyring, then becomes its arguments. */
const STARTER = `use POSIX; $^F = 300;
open my $file, '<', '/etc/hostname' or die; POSIX::dup2(fileno $file, $_) for 30, 251;
syscall(${CALLS.keyctl[cpu]}, 1, 0); my ($type, $name, $value) = ('user', 'lobsterpot-test', 'x');
syscall(${REFUSED['add_key']?.[cpu] ?? 0}, $type, $name, $value, 1, -3) >= 0 or die "add_key: $!";
exec @ARGV;`;

test(
  'what the starter left open or put into its session keyring -> no service finds it; without its protection each is found',
  { timeout: 90_000 },
  async () => {
    const inheritor = fileURLToPath(new URL('./testing/inheritor.ts', import.meta.url));
    const result = await run(['/usr/bin/perl', '-e', STARTER, process.execPath, inheritor], {
      timeoutMs: 80_000,
      env: { PATH: PLAIN_PATH, TMPDIR: process.env['TMPDIR'] ?? '/tmp' },
    });
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(JSON.parse(result.stdout), {
      service: { file: 0, key: 0 },
      inside: { file: 0, key: 0 },
      once: { file: 0, key: 0 },
      'no filter': { file: 0, key: 0 },
      'no filter, no keyring of its own': { file: 0, key: 1 },
      'no filter, nothing closed': { file: 1, key: 0 },
    });
  },
);
