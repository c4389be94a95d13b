import { access, constants, rm, statfs } from 'node:fs/promises';
import { arch, homedir, platform, release, totalmem, userInfo } from 'node:os';
import { join } from 'node:path';

import type { Host, HostFacts } from './host.ts';
import { listFolder, makeFolder, readFileBounded, statFile, writeFileAtomic } from './local-files.ts';
import { PLAIN_PATH, run } from './run.ts';

const TOOLS = [
  'unshare',
  'setpriv',
  'nsenter',
  'mount',
  'umount',
  'pivot_root',
  'prlimit',
  'hostname',
  'perl',
  'ip',
  'bwrap',
  'sandbox-exec',
];

/** This machine. */
export function localHost(name: string): Host {
  return {
    name,
    facts: readFacts,
    run,
    stat: (paths) => Promise.all(paths.map(statFile)),
    read: readFileBounded,
    write: writeFileAtomic,
    makeFolder,
    remove: (path) => rm(path, { recursive: true, force: true }),
    list: listFolder,
  };
}

async function readFacts(): Promise<HostFacts> {
  const disk = await statfs(homedir()).catch(() => statfs('/'));
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
