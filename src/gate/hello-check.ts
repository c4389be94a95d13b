import type { Reason, Target } from '../policy/policy.ts';
import { normaliseHost } from '../policy/target.ts';
import type { ClientHello } from './client-hello.ts';

/** What the ClientHello says, and why it does not fit what was asked for outside. */
export type HelloCheck = { readonly sni?: string; readonly refused?: { readonly reason: Reason; readonly detail: string } };

/** Does what the client says inside the tunnel fit what it asked for outside? */
export function checkHello(target: Target, { sni, encrypted }: ClientHello): HelloCheck {
  const said = sni === undefined ? {} : { sni };
  // With it the name outside proves nothing: the name inside is the one that the server uses.
  if (encrypted) return { ...said, refused: { reason: 'sni-hidden', detail: 'the ClientHello carries an encrypted one (ECH)' } };
  if (target.kind === 'address') {
    // TLS has no server name for an address: there it must be absent.
    return sni === undefined ? {} : { ...said, refused: { reason: 'sni-mismatch', detail: 'a server name on a connection to an address' } };
  }
  if (sni === undefined) return { refused: { reason: 'sni-missing', detail: 'the ClientHello names no server' } };
  const named = normaliseHost(sni);
  if ('refused' in named || named.host !== target.host)
    return { ...said, refused: { reason: 'sni-mismatch', detail: 'the ClientHello names another server' } };
  return said;
}
