import { isPeerPath, type Peer } from '../policy/peer.ts';
import { parseRule } from '../policy/rule.ts';
import { normaliseHost } from '../policy/target.ts';

/** Where a peer answers, read from its URL; or what is wrong with that and what to write instead. */
export type ParsedPeerUrl = Omit<Peer, 'name'> | { readonly message: string; readonly fix: string };

const EXAMPLE = 'https://worker.example.org/a2a/v1';

/** Reads `https://host[:port]/path`. No message holds the URL: somebody may have pasted a token into it. */
export function readPeerUrl(text: string): ParsedPeerUrl {
  const fix = `write a URL such as ${EXAMPLE}`;
  if (/^http:/i.test(text)) return { message: 'http is not encrypted: whoever is on the way would read the token', fix };
  const [, authority = '', path = ''] = /^https:\/\/([^/?#]*)(.*)$/s.exec(text) ?? [];
  if (authority === '') return { message: 'it must begin with https:// and a host', fix };
  if (authority.includes('@')) return { message: 'it has a user name: the token is a secret, and is named beside it', fix };
  if (/[?#]/.test(path)) return { message: 'it has a query or a fragment, which no request to a peer has', fix };
  if (!isPeerPath(path)) return { message: 'its path must be plain words between single slashes, with none at the end', fix };
  const rule = parseRule(authority);
  if ('message' in rule) return { message: 'its host is not one full host name, or its port is none', fix };
  const host = normaliseHost(rule.host);
  if (rule.host.includes('*') || 'refused' in host || host.kind === 'address')
    return { message: 'its host must be a name: the certificate of the peer is checked for it', fix };
  return { host: rule.host, port: rule.port, path };
}
