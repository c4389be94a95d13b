import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, suite, test } from 'node:test';

import { PLAIN_PATH, run } from '../../hosts/run.ts';
import { probeChain } from './chain-probe.ts';

const asRoot = process.getuid?.() === 0;

suite('probeChain', { timeout: 120_000 }, () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lobsterpot-probe-'));
    await chmod(folder, 0o755);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('this machine -> it works, and nothing is left behind', async () => {
    const before = leftovers();
    assert.deepEqual(await probeChain(), { ok: true, mode: process.getuid?.() === 0 ? 'root' : 'user' });
    assert.deepEqual(leftovers(), before);
  });

  const mounted: ReadonlyArray<readonly [string, string]> = [
    ['mounted below /usr', ''],
    // Neither can be mounted anew by its path, nor reached by it.
    ['that hides others', 'mkdir /usr/local/share/x; mount -t tmpfs x /usr/local/share/x; mount -t tmpfs -o mode=1777 y /usr/local/share;'],
  ];
  for (const [name, more] of mounted) {
    test(`a file system ${name} -> works, and it is read-only inside`, async () => {
      // As a distribution or WSL does it. Root mounts it in a namespace of its own; an ordinary user needs one where it is root.
      const mount = `mount -t tmpfs -o mode=1777 other /usr/local/share; ${more} mkdir -m 1777 "/usr/local/share/a b"; exec "$@"`;
      const refused = { command: ['/bin/sh', '-c', 'test -d "/usr/local/share/a b" && ! touch "/usr/local/share/a b/x" 2>/dev/null'] };
      const enter = asRoot ? [] : ['--user', '--map-root-user'];
      const user = asRoot ? [] : ['unshare', '--user', '--map-user=1234', '--map-group=1234'];
      const result = await run(
        ['unshare', ...enter, '--mount', '--propagation', 'private', 'sh', '-ec', mount, 'sh', ...user, ...probing(refused)],
        {
          timeoutMs: 30_000,
          env: env(folder),
        },
      );
      const probe: unknown = JSON.parse(result.stdout);
      assert.deepEqual(probe, { ok: true, mode: asRoot ? 'root' : 'user' }, result.stderr);
    });
  }

  // Programs that run after pivot_root are not found on this PATH at all: chain-failure.test.ts has their words.
  for (const tool of ['setpriv', 'unshare', 'mount', 'pivot_root', 'hostname']) {
    test(`${tool} is not installed -> says so and what to install`, async () => {
      const probe = await probeChain({ path: await pathWithout(folder, tool) });
      assert.ok(!probe.ok);
      assert.deepEqual([probe.step, probe.fix.startsWith('install it')], [`tool ${tool}`, true], JSON.stringify(probe));
    });
  }

  test('unshare is refused as a container does it -> names the namespaces', async () => {
    const probe = await probeChain({
      path: await pathWithStub(folder, 'refused', "echo 'unshare: unshare failed: Operation not permitted' >&2; exit 1"),
    });
    assert.ok(!probe.ok);
    assert.equal(probe.step, 'namespaces');
  });

  test('a /proc of its own is refused -> names that step', async () => {
    const probe = await probeChain({
      path: await pathWithStub(
        folder,
        'masked',
        'for a; do [ "$a" = proc ] && { echo "mount: permission denied" >&2; exit 32; }; done; exec /usr/bin/mount "$@"',
        'mount',
      ),
    });
    assert.ok(!probe.ok);
    assert.equal(probe.step, 'mount-proc');
  });

  test('a kernel that allows no user namespace, an ordinary user -> is told which setting', async () => {
    // The limit of a throw-away user namespace: one more may be made, and that is the one the probe runs in.
    const limit = 'echo 1 > /proc/sys/user/max_user_namespaces && exec unshare --user --map-user=1234 --map-group=1234 "$@"';
    const result = await run(['unshare', '--user', '--map-root-user', 'sh', '-c', limit, 'sh', ...probing()], {
      timeoutMs: 30_000,
      env: env(folder),
    });
    const probe: unknown = JSON.parse(result.stdout);
    assert.deepEqual(probe, {
      ok: false,
      step: 'user namespace',
      cause: 'this kernel allows no more user namespaces (user.max_user_namespaces)',
      fix: 'sudo sysctl -w user.max_user_namespaces=15000',
    });
  });

  test('a kernel that allows no user namespace, root -> mode plain, with the reason', { skip: asRoot ? false : 'needs root' }, async () => {
    // Root of a namespace that holds every uid and may make no other; its rights come with the exec after the map.
    const go = join(folder, 'go');
    const script = `mkfifo "$0"; unshare --user sh -c 'read go < "$0"; exec sh -c "echo 0 > /proc/sys/user/max_user_namespaces; exec \\"\\$@\\"" sh "$@"' "$0" "$@" & child=$!
while [ "$(readlink /proc/$child/ns/user)" = "$(readlink /proc/self/ns/user)" ]; do sleep 0.02; done
echo '0 0 65536' > /proc/$child/uid_map; echo '0 0 65536' > /proc/$child/gid_map; echo go > "$0"; wait "$child"`;
    const result = await run(['sh', '-c', script, go, ...probing()], { timeoutMs: 30_000, env: env(folder) });
    const probe: unknown = JSON.parse(result.stdout === '' ? 'null' : result.stdout);
    assert.deepEqual(
      probe,
      {
        ok: true,
        mode: 'plain',
        reduced: {
          step: 'user namespace',
          cause: 'this kernel allows no more user namespaces (user.max_user_namespaces)',
          fix: 'sudo sysctl -w user.max_user_namespaces=15000',
        },
      },
      result.stderr,
    );
  });
});

/** The probe as a program of its own. */
function probing(options: Parameters<typeof probeChain>[0] = {}): readonly string[] {
  const file = fileURLToPath(new URL('./chain-probe.ts', import.meta.url));
  return [
    process.execPath,
    '--input-type=module',
    '-e',
    `import { probeChain } from ${JSON.stringify(file)}; console.log(JSON.stringify(await probeChain(${JSON.stringify(options)})));`,
  ];
}

function env(folder: string): Record<string, string> {
  return { PATH: PLAIN_PATH, TMPDIR: folder };
}

async function pathWithout(folder: string, tool: string): Promise<string> {
  const bin = join(folder, `without-${tool}`);
  await mkdir(bin);
  for (const from of ['/usr/sbin', '/usr/bin', '/sbin', '/bin']) {
    for (const name of readdirSync(from)) {
      if (name !== tool) await symlink(join(from, name), join(bin, name)).catch(() => undefined);
    }
  }
  return bin;
}

async function pathWithStub(folder: string, name: string, body: string, tool = 'unshare'): Promise<string> {
  const bin = join(folder, name);
  await mkdir(bin);
  await writeFile(join(bin, tool), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  await chmod(join(bin, tool), 0o755);
  return `${bin}:${PLAIN_PATH}`;
}

function leftovers(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('lobsterpot-chain-'));
}
