import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';

import { runContained } from '../../hosts/spawn.ts';
import { chain, type ChainMode } from './chain.ts';
import { explainChain, type ChainFailure } from './chain-failure.ts';
import { programs } from './programs.ts';

/** Whether this host can contain a process, and how; `plain`: root on a host that refuses user namespaces. */
export type ChainProbe =
  | { readonly ok: true; readonly mode: ChainMode; readonly reduced?: ChainFailure }
  | ({ readonly ok: false } & ChainFailure);

/** For tests: another PATH for the tools, another command than /bin/true. */
export type ProbeOptions = { readonly path?: string; readonly command?: readonly string[] };

const PROBE_MS = 10_000;
const LIMITS = { memoryMiB: 64, processes: 64, openFiles: 256, fileMiB: 1, tmpMiB: 1 };
/** Any number that is nobody's; only /bin/true runs as it. */
const NOBODY = { uid: 59_999, gid: 59_999 };

/**
 * Runs the real chain on /bin/true, in a temporary folder of its own (about 0.1 s), and names the step that fails. Never a silent downgrade:
 * for an ordinary user there is one way; for root without user namespaces `plain`, with the reason in `reduced`.
 */
export async function probeChain(options: ProbeOptions = {}): Promise<ChainProbe> {
  const cpu = arch();
  if (process.platform !== 'linux' || (cpu !== 'x64' && cpu !== 'arm64')) {
    return {
      ok: false,
      step: 'platform',
      cause: `there is no containment for ${process.platform} on ${cpu} yet`,
      fix: 'use a Linux host (x86-64 or arm64)',
    };
  }
  const folder = await mkdtemp(join(tmpdir(), 'lobsterpot-chain-'));
  try {
    await chmod(folder, 0o755);
    await mkdir(join(folder, 'mnt'), { mode: 0o755 });
    for (const [name, content] of programs(cpu)) {
      await writeFile(join(folder, name), content);
      // Said again: the umask of a supervisor would hide them from the service's identity.
      await chmod(join(folder, name), 0o644);
    }
    if (process.getuid?.() !== 0) return await attempt('user', folder, options);
    const nested = await attempt('root', folder, options);
    if (nested.ok) return nested;
    const plain = await attempt('plain', folder, options);
    const { step, cause, fix } = nested;
    return plain.ok ? { ...plain, reduced: { step, cause, fix } } : plain;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function attempt(mode: ChainMode, folder: string, options: ProbeOptions): Promise<ChainProbe> {
  const identity = mode === 'user' ? { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 } : NOBODY;
  const argv = chain({
    mode,
    programs: folder,
    mountPoint: join(folder, 'mnt'),
    identity,
    hostname: 'probe',
    network: 'none',
    binds: [],
    limits: LIMITS,
    keep: 2,
    groups: [],
    command: options.command ?? ['/bin/true'],
  });
  const result = await runContained(argv, {
    stdinAt: 0,
    timeoutMs: PROBE_MS,
    ...(options.path === undefined ? {} : { env: { PATH: options.path } }),
  });
  const failure = explainChain(result);
  return failure ? { ok: false, ...failure } : { ok: true, mode };
}
