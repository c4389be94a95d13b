import { plainText } from '../core/plain-text.ts';
import { Problem } from '../core/problem.ts';
import type { Host } from '../hosts/host.ts';
import { formatPublicKey, parsePublicKey } from './public-key.ts';

const USUAL = ['ed25519', 'ecdsa', 'rsa'].map((kind) => `/etc/ssh/ssh_host_${kind}_key`);
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
  const found = new Set<string>();
  for (const content of await Promise.all((configured.length > 0 ? configured : USUAL).map((path) => host.read(`${path}.pub`)))) {
    const key = content && parsePublicKey(Buffer.from(content).toString('latin1'));
    if (key && TYPES.has(key.type)) found.add(formatPublicKey(key));
  }
  if (found.size === 0) {
    throw new Problem('link/host-keys', `the ssh host keys of ${host.name} cannot be read on it`, {
      cause: plainText(
        told.code === 0 ? `no .pub file beside ${configured.join(', ')}` : 'there is none at /etc/ssh/ssh_host_*_key.pub',
        500,
      ),
      fix: `turn its ssh server on (Mac: System Settings, General, Sharing, Remote Login), check with: ls /etc/ssh/*.pub , then run: lobsterpot up`,
    });
  }
  return [...found];
}

/** The private keys that `sshd -T` names. Pure. */
function configuredKeys(text: string): readonly string[] {
  return [...text.matchAll(/^hostkey (\/.+)$/gm)].flatMap((match) => match[1] ?? []);
}
