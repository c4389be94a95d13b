import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';

import { chain, type ChainMode, type ChainSpec } from './chain.ts';
import { enterChain } from './enter.ts';

const SPEC: ChainSpec = {
  mode: 'root',
  programs: '/srv/home/inside',
  mountPoint: '/srv/home/mnt',
  identity: { uid: 41_000, gid: 41_000 },
  hostname: 'nas',
  network: 'none',
  binds: [
    { access: 'ro', from: '/srv/home/services/node-nas/config', to: '/config' },
    { access: 'rw', from: '/srv/home/services/node-nas/state', to: '/state' },
  ],
  limits: { memoryMiB: 512, processes: 128, openFiles: 1024, fileMiB: 64, tmpMiB: 16 },
  keep: 3,
  groups: [],
  command: ['/usr/bin/env', 'a b', '$(id)', "it's"],
};

const lines = (argv: readonly string[]): string => `${argv.join('\n')}\n`;

suite('chain', () => {
  for (const mode of ['root', 'user', 'plain'] satisfies ChainMode[]) {
    test(`${mode} -> golden`, (t) => {
      const spec = { ...SPEC, mode, groups: mode === 'root' ? ['/sys/fs/cgroup/memory/x/cgroup.procs'] : [] };
      t.assert.fileSnapshot(lines(chain(spec)), golden(`chain-${mode}.txt`), { serializers: [String] });
    });

    test(`enter ${mode} -> golden`, (t) => {
      const argv = enterChain({ ...SPEC, mode, first: 4321, launcher: 67 });
      t.assert.fileSnapshot(lines(argv), golden(`enter-${mode}.txt`), { serializers: [String] });
    });
  }

  test('network outside -> no network namespace, everything else the same', () => {
    const inside = chain(SPEC);
    const outside = chain({ ...SPEC, network: 'outside' });
    assert.ok(inside.includes('--net') && !outside.includes('--net'));
    assert.deepEqual(
      outside.map((one) => (one === 'outside' ? 'none' : one)),
      inside.filter((one) => one !== '--net'),
    );
  });

  test('the command -> its words stay words, at the end', () => {
    assert.deepEqual(chain(SPEC).slice(-4), SPEC.command);
  });
});

function golden(name: string): string {
  return join(import.meta.dirname, 'testing/golden', name);
}
