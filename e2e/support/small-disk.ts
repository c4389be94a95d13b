import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';

/** A file system of its own at a folder, seen by what is started under `prefix` only, which starts in the folder above it. */
export type SmallDisk = Disposable & { readonly prefix: readonly string[] };

/** Mounts `size` bytes of memory at `folder` in a new mount namespace (an ordinary user becomes root of a user namespace for it). */
export async function smallDisk(folder: string, size: number): Promise<SmallDisk> {
  const user = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const script = 'mount -t tmpfs -o size="$2",mode=700 none "$1" && echo mounted && exec sleep 300';
  const [program, ...argv] = [
    'unshare',
    ...user,
    '--mount',
    '--propagation',
    'private',
    '/bin/sh',
    '-c',
    script,
    'sh',
    folder,
    String(size),
  ];
  const holder = spawn(program ?? '', argv, { cwd: dirname(folder), stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(holder.stdout, 'data', { signal: AbortSignal.timeout(10_000) });
  if (!String(said).includes('mounted') || holder.pid === undefined) throw new Error(`no small disk: ${String(said)}`);
  return {
    prefix: [
      'nsenter',
      '--target',
      String(holder.pid),
      ...(user.length === 0 ? [] : ['--user', '--preserve-credentials']),
      '--mount',
      '--wd',
    ],
    [Symbol.dispose]: () => holder.kill('SIGKILL'),
  };
}
