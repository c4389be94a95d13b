import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { factsScript } from './facts-script.ts';
import { addressOfHex, networkOfBsd } from './kernel-addresses.ts';
import { parseFacts } from './parse-facts.ts';
import { DEBIAN, MACOS, SYNOLOGY } from './testing/facts-fixtures.ts';

test('parseFacts: Synology with docker by sudo -> what its kernel lacks is seen', () => {
  const facts = parseFacts(`Welcome to DSM\n${SYNOLOGY}`, { docker: true, beganAt: 1_795_322_197_900 });
  assert.ok(facts);
  const { docker, ...rest } = facts;
  assert.deepEqual(rest, {
    platform: 'linux',
    arch: 'x64',
    kernel: '4.4.302+',
    uid: 1026,
    gid: 100,
    user: 'admin',
    memoryMiB: 15_990,
    availableMiB: 11_718,
    freeDiskMiB: 5_080_713,
    tools: { unshare: '/usr/bin/unshare' },
    hostname: 'nas',
    home: '/var/services/homes/admin',
    // Whole seconds only: the same second is no difference.
    clockSkewMs: 0,
    routes: [
      { subnet: '0.0.0.0/0', device: 'eth0' },
      { subnet: '192.168.1.0/24', device: 'eth0' },
    ],
    listening: [
      { address: '0.0.0.0', port: 5000 },
      { address: '::', port: 5001 },
      { address: '127.0.0.1', port: 6379 },
    ],
    dsm: { version: '7.2.2', build: '72806-3' },
    ssh: { from: '192.168.1.10', at: '192.168.1.20', port: 22, tcpForwarding: 'no', sftp: false },
  });
  assert.ok(docker?.kind === 'ready');
  assert.deepEqual(
    [docker.path, docker.sudo, docker.version, docker.apiVersion, docker.compose],
    [
      '/usr/local/bin/docker',
      '/usr/bin/sudo',
      '24.0.2',
      '1.43',
      { form: 'plugin', path: '/usr/local/bin/docker', version: '2.20.1-6047-g6817716' },
    ],
  );
  const { CpuCfsQuota, PidsLimit, MemoryLimit, LoggingDriver, SecurityOptions } = docker.info;
  assert.deepEqual([CpuCfsQuota, PidsLimit, MemoryLimit, LoggingDriver, SecurityOptions], [false, false, true, 'db', ['name=apparmor']]);
  assert.deepEqual(docker.networks, [
    { name: 'bridge', driver: 'bridge', subnets: ['172.17.0.0/16'] },
    { name: 'host', driver: 'host', subnets: [] },
  ]);
});

test('parseFacts: Debian where sudo asks -> told so; the clock to the millisecond', () => {
  const facts = parseFacts(DEBIAN, { docker: true, beganAt: 1_795_322_190_000 });
  assert.deepEqual(facts?.docker, {
    kind: 'unusable',
    path: '/usr/bin/docker',
    why: 'sudo-password',
    said: 'sudo: a password is required',
  });
  assert.deepEqual([facts?.arch, facts?.clockSkewMs, facts?.freeDiskMiB], ['arm64', 7123, 43_945]);
  assert.deepEqual(facts?.ssh, { from: 'fe80::1%eth0', at: 'fe80::2%eth0', port: 2222, sftp: true });
});

test('parseFacts: macOS with OrbStack -> its own words for routes, listeners and disks', () => {
  const facts = parseFacts(MACOS, { docker: true, beganAt: 1_795_322_200_000 });
  assert.deepEqual([facts?.platform, facts?.memoryMiB, facts?.freeDiskMiB, facts?.clockSkewMs], ['darwin', 16_384, 248_061, -2500]);
  assert.deepEqual(facts?.macos, { version: '15.5', build: '24F74' });
  assert.deepEqual(
    facts?.routes?.map(({ subnet }) => subnet),
    ['0.0.0.0/0', '127.0.0.0/8', '169.254.0.0/16', '192.168.1.0/24', '192.168.1.10/32', '192.168.97.0/24'],
  );
  assert.deepEqual(facts?.listening, [
    { address: '127.0.0.1', port: 18_789 },
    { address: '::', port: 5000 },
    { address: '::1', port: 631 },
  ]);
  assert.ok(facts?.docker?.kind === 'ready');
  assert.deepEqual(facts.docker.compose, { form: 'standalone', path: '/usr/local/bin/docker-compose', version: '2.36.2' });
  assert.deepEqual(facts.docker.info.Warnings, []);
});

for (const [name, plain, sudo, why] of [
  [
    'engine down',
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    undefined,
    'not-running',
  ],
  ['engine down, seen by sudo', 'permission denied', 'Cannot connect to the Docker daemon', 'not-running'],
  ['socket closed, no sudo', 'dial unix /var/run/docker.sock: connect: permission denied', undefined, 'permission'],
  ['sudo asks', 'permission denied', 'sudo: a terminal is required to read the password', 'sudo-password'],
  ['sudo refuses', 'permission denied', 'Sorry, user me is not allowed to execute /usr/bin/docker as root on box.', 'sudo-password'],
  ['hangs', 'it gave no answer within 10 seconds', undefined, 'other'],
] as const) {
  test(`parseDocker: ${name} -> ${why}`, () => {
    const lines = [
      'docker_path /usr/bin/docker',
      `docker_plain_said ${plain}`,
      ...(sudo === undefined ? [] : [`docker_sudo_said ${sudo}`]),
    ];
    const facts = parseFacts(`kernel 6\nuid 1\ngid 1\n${lines.join('\n')}\n`, { docker: true });
    assert.ok(facts?.docker?.kind === 'unusable');
    assert.equal(facts.docker.why, why);
  });
}

test('parseDocker: an answer that cannot be read -> unusable, never ready', () => {
  for (const version of ['', 'null', '{}', '{"Server":null}', '<html>']) {
    const facts = parseFacts(`kernel 6\nuid 1\ngid 1\ndocker_path /d\ndocker_way plain\ndocker_version ${version}\n`, { docker: true });
    assert.equal(facts?.docker?.kind, 'unusable');
  }
});

test('parseFacts: anything -> facts or undefined, never an exception', () => {
  const line = fc.oneof(fc.string(), fc.constantFrom(...SYNOLOGY.split('\n'), ...MACOS.split('\n')));
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      parseFacts(lines.join('\n'), { docker: true, beganAt: 0 });
    }),
  );
  assert.equal(parseFacts('', {}), undefined);
});

for (const shell of ['/bin/sh', '/bin/bash']) {
  test(`factsScript: ${shell} on this machine -> facts, and nothing on stderr`, () => {
    const out = execFileSync(shell, ['-c', factsScript({ folder: '/nowhere/at/all' })], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const facts = parseFacts(out, { beganAt: Date.now() });
    assert.ok(facts);
    assert.equal(facts.uid, process.getuid?.());
    assert.ok(facts.memoryMiB > 0 && facts.freeDiskMiB > 0 && Math.abs(facts.clockSkewMs ?? Infinity) < 5000);
  });
}

for (const [hex, address] of [
  ['0100007F', '127.0.0.1'],
  ['00000000000000000000000001000000', '::1'],
  ['0000000000000000FFFF00000100A8C0', '192.168.0.1'],
  ['000080FE00000000FF005450', undefined],
  ['zz', undefined],
] as const) {
  test(`addressOfHex: ${hex} -> ${address}`, () => assert.equal(addressOfHex(hex), address));
}

test('networkOfBsd: what is no IPv4 network -> undefined', () => {
  assert.equal(networkOfBsd('10.0/16'), '10.0.0.0/16');
  for (const text of ['Destination', 'fe80::%lo0', '', 'link#4']) assert.equal(networkOfBsd(text), undefined);
});
