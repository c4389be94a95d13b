import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PLAIN_PATH, run } from '../../src/hosts/run.ts';
import { has } from '../docker/prepare.ts';

/** A Squid as Debian builds it, and one that was built with OpenSSL; a reason where there is none. */
export type Squids = AsyncDisposable & { readonly plain: string; readonly openssl: string };

const APT_MS = 300_000;
const PLAIN = '/usr/sbin/squid';
const env = { PATH: PLAIN_PATH, DEBIAN_FRONTEND: 'noninteractive', HOME: '/' };

/** Both Squids of Debian, installed where they are missing; the one with OpenSSL beside the other, which it would replace. */
export async function findSquids(): Promise<Squids | { readonly refusal: string }> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return { refusal: 'Squid is tried as root of a Linux' };
  const folder = mkdtempSync(join(tmpdir(), 'squid-openssl-'));
  // Squid runs under a number of its own.
  chmodSync(folder, 0o755);
  const remove = async (): Promise<void> => rmSync(folder, { recursive: true, force: true });
  const must = async (argv: readonly string[], why: string): Promise<string | undefined> => {
    const first = await run(argv, { timeoutMs: APT_MS, env });
    if (first.code === 0) return undefined;
    // A machine that never asked its mirrors.
    await run(['apt-get', 'update', '-qq'], { timeoutMs: APT_MS, env });
    const { code, stderr } = await run(argv, { timeoutMs: APT_MS, env });
    return code === 0 ? undefined : `${why} (on Debian, as root: ${argv.join(' ')}): ${stderr.trim().split('\n').at(-1) ?? ''}`;
  };
  const install = ['apt-get', '-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends', 'squid'];
  const download = ['/bin/sh', '-c', 'cd "$1" && apt-get download squid-openssl && dpkg -x squid-openssl_*.deb .', 'sh', folder];
  const refusal =
    (has('squid') ? undefined : await must(install, 'there is no squid here')) ??
    (await must(download, 'there is no squid-openssl here')) ??
    (existsSync(join(folder, PLAIN)) ? undefined : 'the package squid-openssl holds no squid');
  if (refusal === undefined) return { plain: PLAIN, openssl: join(folder, PLAIN), [Symbol.asyncDispose]: remove };
  await remove();
  return { refusal };
}
