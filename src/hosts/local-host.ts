import { access, constants, rm, statfs } from 'node:fs/promises';
import { arch, homedir, platform, release, totalmem, userInfo } from 'node:os';
import { dirname, join } from 'node:path';

import { doorScript, enterDoor } from './engine-door.ts';
import { factsScript, TOOLS } from './facts-script.ts';
import type { FactsRequest, Host, HostFacts } from './host.ts';
import { linkFile, listFolder, makeFolder, readFileBounded, renamePath, statFile, writeFileAtomic } from './local-files.ts';
import { parseFacts } from './parse-facts.ts';
import { pipeProblem, programPipe } from './program-pipe.ts';
import { PLAIN_PATH, run } from './run.ts';

const FACTS_MS = 90_000;

/** This machine. */
export function localHost(name: string): Host {
  return {
    name,
    facts: async (ask = {}) => ({ ...(ask.docker === true || ask.look ? await scriptFacts(ask) : {}), ...(await readFacts(ask.folder)) }),
    engineDoor: (ask) => {
      const ended = async (): Promise<undefined> => undefined;
      return enterDoor(programPipe({ argv: ['/bin/sh', '-c', doorScript(ask)], env: userEnvironment(), ended }), ask);
    },
    run,
    pipe: (argv, options) =>
      programPipe({
        argv,
        cwd: options?.cwd ?? '/',
        env: options?.env ?? { PATH: PLAIN_PATH },
        ended: async ({ code, stderr }) => (code === 0 ? undefined : pipeProblem(name, argv[0] ?? '', code, stderr)),
      }),
    stat: (paths) => Promise.all(paths.map(statFile)),
    read: readFileBounded,
    write: writeFileAtomic,
    makeFolder,
    remove: (path) => rm(path, { recursive: true, force: true }),
    list: listFolder,
    rename: renamePath,
    link: linkFile,
  };
}

/** The same script, and the same reading of it, as on a host over ssh. */
async function scriptFacts(ask: FactsRequest): Promise<Partial<HostFacts>> {
  const { stdout } = await run(['/bin/sh', '-c', factsScript(ask)], { timeoutMs: FACTS_MS, env: userEnvironment() });
  return parseFacts(stdout, ask) ?? {};
}

/** What the user's own docker needs to be found and to know its engine. */
function userEnvironment(): Readonly<Record<string, string>> {
  return { PATH: process.env['PATH'] ?? PLAIN_PATH, HOME: homedir(), LC_ALL: 'C' };
}

async function readFacts(folder = homedir()): Promise<HostFacts> {
  const disk = await statfs(await nearest(folder)).catch(() => statfs('/'));
  const found = await Promise.all(TOOLS.map(async (tool) => [tool, await findTool(tool)] as const));
  const here = platform();
  const cpu = arch();
  return {
    platform: here === 'linux' || here === 'darwin' ? here : 'other',
    arch: cpu === 'x64' || cpu === 'arm64' ? cpu : 'other',
    kernel: release(),
    uid: process.getuid?.() ?? -1,
    gid: process.getgid?.() ?? -1,
    user: userName(),
    memoryMiB: Math.floor(totalmem() / 1024 ** 2),
    freeDiskMiB: Math.floor((disk.bavail * disk.bsize) / 1024 ** 2),
    tools: Object.fromEntries(found.flatMap(([tool, path]) => (path === undefined ? [] : [[tool, path]]))),
  };
}

/** A uid without a passwd entry (a container, a lab) has no name: its number serves. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** The folder itself or the one above it that is there. */
async function nearest(folder: string): Promise<string> {
  const there = await access(folder).then(
    () => true,
    () => false,
  );
  return there || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

async function findTool(tool: string): Promise<string | undefined> {
  for (const folder of PLAIN_PATH.split(':')) {
    const path = join(folder, tool);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return undefined;
}
