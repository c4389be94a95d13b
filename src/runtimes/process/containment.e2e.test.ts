import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';

import { runContained } from '../../hosts/spawn.ts';
import { chain } from './chain.ts';
import { probeChain } from './chain-probe.ts';
import { readSpec } from './read-spec.ts';
import { onceSandbox } from './sandbox.ts';
import { CONTROLS, escapeScript, readOutcomes, type Outcomes, type Targets } from './testing/escapes.ts';
import { STAY, testDeployment, testService, type TestDeployment } from './testing/deployment.ts';

const OF_THE_FILTER = ['interface-list', 'interface-name', 'interface-mac', 'interface-by-option', 'run-memory'] as const;
const PERL = ['/usr/bin/perl', '-'] as const;

suite('containment', { timeout: 120_000 }, () => {
  let deployment: TestDeployment;
  let targets: Targets;
  let servers: readonly Server[];

  before(async () => {
    deployment = await testDeployment(
      [
        testService('spy', { script: STAY, secrets: [{ name: 'spy-token', file: 'spy-token' }] }),
        testService('neighbour', { script: STAY, secrets: [{ name: 'other-token', file: 'other-token' }] }),
      ],
      {},
    );
    const { root } = deployment;
    const tcp = createServer().listen(0, '127.0.0.1');
    const abstract = createServer().listen(`\0lobsterpot-test-${process.pid}`);
    const socket = createServer().listen(join(root, 'host.sock'));
    servers = [tcp, abstract, socket];
    await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
    const address = tcp.address();
    targets = {
      port: typeof address === 'object' && address !== null ? address.port : 0,
      abstract: `lobsterpot-test-${process.pid}`,
      socket: join(root, 'host.sock'),
      pid: process.pid,
      paths: [
        root,
        join(root, 'services/neighbour/state'),
        join(root, 'services/neighbour/secrets/other-token'),
        join(root, 'services/spy/spec.json'),
      ],
    };
  });

  after(async () => {
    for (const server of servers) server.close();
    await deployment[Symbol.asyncDispose]();
  });

  async function attempt(
    how: { readonly weaken?: (argv: readonly string[]) => readonly string[]; readonly quiet?: boolean } = {},
  ): Promise<Outcomes> {
    const { spec } = readSpec(deployment.root, 'spy');
    const probe = await probeChain();
    assert.ok(probe.ok, 'the chain works here');
    const good = chain(onceSandbox(spec, { root: deployment.root, mode: probe.mode, groups: [] }, PERL));
    const argv = how.weaken?.(good) ?? good;
    const result = await runContained(argv, {
      stdin: escapeScript({ ...targets, quiet: how.quiet ?? false }),
      stdinAt: 3,
      timeoutMs: 60_000,
    });
    assert.equal(result.code, 0, result.stderr);
    const outcomes = readOutcomes(result.stdout);
    for (const control of CONTROLS) assert.equal(outcomes[control], 'yes', `${control}: ${outcomes[control]}`);
    return outcomes;
  }

  test('once: every attempt to get out -> refused, every control works', async () => {
    const outcomes = await attempt();
    assert.ok(Object.keys(outcomes).length > 70);
    assert.deepEqual(worked(outcomes), []);
  });

  test('inside: the same attempts in the namespaces of the running service -> refused', async () => {
    await deployment.runtime.start(['spy']);
    const result = await deployment.runtime.inside('spy', PERL, { stdin: escapeScript(targets), timeoutMs: 60_000 });
    assert.equal(result.code, 0, result.stderr);
    const outcomes = readOutcomes(result.stdout);
    assert.deepEqual([worked(outcomes), CONTROLS.filter((one) => outcomes[one] !== 'yes')], [[], []]);
  });

  test('sabotage: no network namespace -> the host is reached', async () => {
    const found = worked(
      await attempt({
        weaken: (argv) => argv.filter((one) => one !== '--net').map((one) => (one === 'none' ? 'outside' : one)),
        quiet: true,
      }),
    );
    for (const one of ['abstract-socket', 'tcp-host-loopback']) assert.ok(found.includes(one), `${one} in ${found.join(' ')}`);
  });

  test('sabotage: a folder of the host bound in -> it is read', async () => {
    const found = worked(await attempt({ weaken: (argv) => argv.toSpliced(argv.indexOf('--'), 0, 'ro', '/etc', '/home') }));
    assert.ok(found.includes('read-/home'), found.join(' '));
  });

  const edits: ReadonlyArray<readonly [string, string, (text: string) => string, readonly string[]]> = [
    [
      'a filter that allows everything',
      'filter.txt',
      allowAll,
      ['vsock', 'io-uring', 'netlink-uevent', 'keyring-add', 'personality', 'clone3', ...OF_THE_FILTER],
    ],
    [
      'a state folder that executes',
      'stage1.sh',
      (text) => text.replace('rw) options=nosuid,nodev,noexec', 'rw) options=nosuid,nodev'),
      ['run-/state'],
    ],
    [
      'a temporary folder that executes',
      'stage1.sh',
      (text) => text.replace('size=${tmp}m,mode=1777,nosuid,nodev,noexec', 'size=${tmp}m,mode=1777,nosuid,nodev'),
      ['run-/tmp'],
    ],
    [
      'the old root kept',
      'stage1.sh',
      (text) => text.replace('umount -l /.old\nrmdir /.old', 'mount --bind /.old/etc /etc'),
      ['read-/etc/machine-id'],
    ],
    [
      'a root that can be written',
      'stage1.sh',
      (text) => text.replace(/mount -o remount,bind,ro,nosuid,nodev,noexec \/\n/, 'chmod 777 /\n').replace(/perl \S+freeze\.pl .*\n/, ''),
      ['write-'],
    ],
  ];
  for (const [name, file, edit, expected] of edits) {
    test(`sabotage: ${name} -> the attempts that it stops work`, async () => {
      const path = join(deployment.root, 'inside', file);
      const good = readFileSync(path, 'utf8');
      const bad = edit(good);
      assert.notEqual(bad, good);
      try {
        writeFileSync(path, bad);
        const found = worked(await attempt());
        for (const one of expected) assert.ok(found.includes(one), `${one} in ${found.join(' ')}`);
      } finally {
        writeFileSync(path, good);
      }
    });
  }
});

function worked(outcomes: Outcomes): readonly string[] {
  return Object.entries(outcomes).flatMap(([name, outcome]) => (outcome === 'yes' && !name.startsWith('control-') ? [name] : []));
}

/** Keeps the call numbers and returns ALLOW at once. */
function allowAll(text: string): string {
  return `${text
    .split('\n')
    .filter((line) => line.startsWith('call '))
    .join('\n')}\n06 00 00 7fff0000 # allow\n`;
}
