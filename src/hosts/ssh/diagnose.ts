import { access } from 'node:fs/promises';

import { run } from '../run.ts';
import { clientEnvironment } from './attempt.ts';
import type { SshFailure } from './classify.ts';
import { resolveArgv, type SshClient } from './ssh-argv.ts';
import type { FailedHost } from './ssh-problem.ts';

const LIMIT_MS = 8000;

/** What else can be learnt of a failure, to tell the person: it is displayed and never acted upon. */
export async function diagnose(failure: SshFailure, client: SshClient): Promise<Omit<FailedHost, 'name' | 'address' | 'stderr'>> {
  const keys = failure === 'host-key-unknown' || failure === 'host-key-changed' || failure === 'host-key-revoked';
  if (!keys && failure !== 'key-refused') return {};
  const settings = await resolved(client);
  if (failure === 'key-refused') {
    const lockedKey = await firstLocked(settings.get('identityfile') ?? []);
    return lockedKey === undefined ? {} : { lockedKey };
  }
  const [host = client.address.host] = settings.get('hostname') ?? [];
  const [port = '22'] = settings.get('port') ?? [];
  const known = settings.get('hostkeyalias')?.[0] ?? host;
  const knownAs = port === '22' ? known : `[${known}]:${port}`;
  const direct = !settings.has('proxyjump') && !settings.has('proxycommand');
  return { knownAs, shown: direct ? await fingerprints(host, port) : [] };
}

async function resolved(client: SshClient): Promise<ReadonlyMap<string, readonly string[]>> {
  const { stdout } = await ours(resolveArgv(client));
  return Map.groupBy(
    stdout.split('\n').map((line) => line.split(' ')),
    ([key = '']) => key,
  )
    .entries()
    .reduce(
      (all, [key, lines]) =>
        all.set(
          key,
          lines.map(([, ...value]) => value.join(' ')),
        ),
      new Map<string, string[]>(),
    );
}

async function fingerprints(host: string, port: string): Promise<readonly string[]> {
  const scan = await ours(['ssh-keyscan', '-T', '5', '-p', port, '-t', 'ed25519,ecdsa,rsa', '--', host]);
  if (scan.stdout === '') return [];
  const { stdout } = await ours(['ssh-keygen', '-l', '-f', '-'], scan.stdout);
  // `256 SHA256:abc... host (ED25519)`
  return [...stdout.matchAll(/^\d+ (SHA256:\S+) .*\((\w+)\)$/gm)].map(([, print, kind]) => `${kind} ${print}`).toSorted();
}

/** The first key file that is there and opens only with a passphrase. */
async function firstLocked(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const path = file.replace(/^~/, process.env['HOME'] ?? '~');
    if (
      await access(path).then(
        () => false,
        () => true,
      )
    )
      continue;
    const { code, stderr } = await ours(['ssh-keygen', '-y', '-P', '', '-f', path]);
    if (code !== 0 && /passphrase/i.test(stderr)) return path;
  }
  return undefined;
}

function ours(argv: readonly string[], stdin = ''): ReturnType<typeof run> {
  return run(argv, { timeoutMs: LIMIT_MS, env: clientEnvironment(), stdin });
}
