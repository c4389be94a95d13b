import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { findGroupSites, groupPlan, type GroupSites } from './control-groups.ts';

const V1 = `cgroup /sys/fs/cgroup/pids cgroup rw,nosuid,relatime,pids 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0`;
const V2 = 'proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0';
const LIMITS = { memoryMiB: 2, processes: 10, openFiles: 1, fileMiB: 1, tmpMiB: 1 };

suite('control groups', () => {
  const cases: ReadonlyArray<readonly [string, string, readonly string[], GroupSites]> = [
    ['two hierarchies and an empty new one', V1, [], { kind: 'v1', memory: '/sys/fs/cgroup/memory', pids: '/sys/fs/cgroup/pids' }],
    ['one hierarchy', V2, ['cpu', 'memory', 'pids'], { kind: 'v2', at: '/sys/fs/cgroup' }],
    ['one hierarchy without memory', V2, ['cpu', 'pids'], { kind: 'none' }],
    ['none', 'proc /proc proc rw 0 0', [], { kind: 'none' }],
    ['memory alone', 'cgroup /m cgroup rw,memory 0 0', [], { kind: 'v1', memory: '/m' }],
  ];
  for (const [name, mounts, controllers, expected] of cases) {
    test(`findGroupSites: ${name} -> ${expected.kind}`, () =>
      assert.deepEqual(
        findGroupSites(mounts, () => controllers),
        expected,
      ));
  }

  test('groupPlan: v1 -> bytes and tasks in their own hierarchies', () => {
    assert.deepEqual(groupPlan({ kind: 'v1', memory: '/m', pids: '/p' }, LIMITS), [
      {
        site: '/m',
        values: [
          { file: 'memory.limit_in_bytes', text: '2097152', optional: false },
          { file: 'memory.memsw.limit_in_bytes', text: '2097152', optional: true },
        ],
      },
      { site: '/p', values: [{ file: 'pids.max', text: '42', optional: false }] },
    ]);
  });

  test('groupPlan: v2 -> all in one; none -> nothing', () => {
    assert.deepEqual(
      groupPlan({ kind: 'v2', at: '/c' }, LIMITS).map(({ site, values }) => [site, ...values.map((one) => `${one.file}=${one.text}`)]),
      [['/c', 'memory.max=2097152', 'memory.swap.max=0', 'pids.max=42']],
    );
    assert.deepEqual(groupPlan({ kind: 'none' }, LIMITS), []);
  });
});
