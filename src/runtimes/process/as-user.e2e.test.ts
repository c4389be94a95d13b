import assert from 'node:assert/strict';
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

import { PLAIN_PATH, run } from '../../hosts/run.ts';

/** Nobody's number. */
const UID = 61_777;
const PROJECT = resolve(import.meta.dirname, '../../..');

/**
 * Root runs every end-to-end test of this folder once more as an ordinary user with an empty home.
 * The project is bound to a readable place in a mount namespace of its own: it may lie in a folder of root's.
 */
test(
  'everything above as an ordinary user -> passes too',
  { timeout: 300_000, skip: process.getuid?.() === 0 ? false : 'runs as an ordinary user already' },
  async () => {
    const top = await mkdtemp(join(tmpdir(), 'lobsterpot-user-'));
    try {
      await chmod(top, 0o755);
      const [home, project, node] = ['home', 'project', 'node'].map((name) => join(top, name));
      assert.ok(home && project && node);
      for (const folder of [home, project, node]) await mkdir(folder);
      await chown(home, UID, UID);
      const files = globSync('*.e2e.test.ts', { cwd: import.meta.dirname }).filter((name) => !name.startsWith('as-user'));
      const nodeFolder = resolve(dirname(process.execPath), '../../..');
      const enter = 'mount --bind "$1" "$2"; mount --bind "$3" "$4"; cd "$2"; shift 4; exec "$@"';
      const inNamespace = ['unshare', '--mount', '--propagation', 'private', 'sh', '-ec', enter, 'sh', PROJECT, project, nodeFolder, node];
      const asUser = ['setpriv', '--reuid', String(UID), '--regid', String(UID), '--clear-groups'];
      const nodeTest = [join(node, relative(nodeFolder, process.execPath)), '--test', '--test-reporter=tap', '--test-concurrency=1'];
      const names = files.toSorted().map((name) => join(relative(PROJECT, import.meta.dirname), name));
      const result = await run([...inNamespace, ...asUser, ...nodeTest, ...names], {
        timeoutMs: 280_000,
        env: { PATH: PLAIN_PATH, HOME: home, TMPDIR: home },
      });
      assert.equal(result.code, 0, failures(result.stdout) + result.stderr);
      assert.ok(Number(/^# pass (\d+)$/m.exec(result.stdout)?.[1]) > 20, result.stdout.slice(-600));
    } finally {
      await rm(top, { recursive: true, force: true });
    }
  },
);

function failures(tap: string): string {
  const lines = tap.split('\n');
  return lines
    .flatMap((line, at) => (/^\s*not ok/.test(line) ? lines.slice(at, at + 14) : []))
    .join('\n')
    .slice(0, 6000);
}
