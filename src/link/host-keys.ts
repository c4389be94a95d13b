import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';
import type { Host } from '../hosts/host.ts';
import { USUAL_HOST_KEYS } from '../hosts/keys-look.ts';
import { formatPublicKey, parsePublicKey } from './public-key.ts';

/** What every client of today takes. */
const TYPES = new Set(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa']);
const LIMIT_MS = 15_000;

/**
 * The public host keys (`TYPE BASE64`) of a host's ssh server, read on that host and never by a scan of the network:
 * those of its effective configuration where that may be read (as root), else those of the usual place.
 */
export async function readHostKeys(host: Host, options: { readonly sshdConfig?: string } = {}): Promise<readonly string[]> {
  const asked = ['sshd', '-T', ...(options.sshdConfig === undefined ? [] : ['-f', options.sshdConfig])];
  // sshd wants to be called by its full path, and is not on every PATH.
  const told = await host.run(
    ['/bin/sh', '-c', 'PATH=$PATH:/usr/sbin:/sbin; p=$(command -v sshd) || exit 127; shift; exec "$p" "$@"', 'sh', ...asked],
    {
      timeoutMs: LIMIT_MS,
    },
  );
  const configured = told.code === 0 ? configuredKeys(told.stdout) : [];
  const paths = configured.length > 0 ? configured : USUAL_HOST_KEYS;
  const texts = await Promise.all(paths.map((path) => host.read(`${path}.pub`)));
  const found = hostKeysIn(texts.flatMap((content) => (content ? [Buffer.from(content).toString('latin1')] : [])));
  if (found.length === 0) {
    throw new Problem('link/host-keys', `the ssh host keys of ${host.name} cannot be read on it`, {
      cause: plainText(
        told.code === 0 ? `no .pub file beside ${configured.join(', ')}` : 'there is none at /etc/ssh/ssh_host_*_key.pub',
        500,
      ),
      fix: `turn its ssh server on (Mac: System Settings, General, Sharing, Remote Login), check with: ls /etc/ssh/*.pub , then run: lobsterpot up`,
    });
  }
  return found;
}

/** The keys (`TYPE BASE64`) that clients of today take, of what an ssh server's `.pub` files hold. Pure. */
export function hostKeysIn(texts: readonly string[]): readonly string[] {
  const keys = texts.flatMap((text) => parsePublicKey(text) ?? []).filter((key) => TYPES.has(key.type));
  return [...new Set(keys.map(formatPublicKey))];
}

/** The private keys that `sshd -T` names. Pure. */
function configuredKeys(text: string): readonly string[] {
  return [...text.matchAll(/^hostkey (\/.+)$/gm)].flatMap((match) => match[1] ?? []);
}
