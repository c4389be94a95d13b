import type { Reason, Target } from '../policy/policy.ts';
import { normaliseTarget, parseAuthority } from '../policy/target.ts';
import { type Head, valuesOf } from './http-head.ts';

/** How a request's body ends. */
export type BodyLength = { readonly kind: 'none' } | { readonly kind: 'length'; readonly bytes: number } | { readonly kind: 'chunked' };

/** What a client asks of the gate. */
export type GateRequestHead =
  | { readonly kind: 'connect'; readonly target: Target }
  | { readonly kind: 'forward'; readonly target: Target; readonly body: BodyLength; readonly head: string }
  | {
      readonly kind: 'refused';
      readonly reason: Extract<Reason, 'bad-request' | 'bad-target' | 'host-mismatch'>;
      readonly detail: string;
      readonly written: string;
    };

const TLS_PORT = 443;

/** Hop-by-hop fields: the gate's own business with the client, never passed on. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'proxy-authorization',
  'proxy-authenticate',
  'te',
  'trailer',
  'upgrade',
  'transfer-encoding',
  'host',
]);

/** What a proxy's client asks: CONNECT, or a plain request with an absolute http:// URL. */
export function readRequest(head: Head): GateRequestHead {
  if (head.method === 'CONNECT') return keptConnect(head);
  // The second part begins with what ends the first: a URL that fails at its last byte is not tried at every length.
  const url = /^http:\/\/([^/?#]+)([/?][^#]*)?$/i.exec(head.target);
  if (!url) return refuse('bad-request', 'neither CONNECT host:port nor an absolute http:// URL', head.target);
  const [, authority = '', rest = ''] = url;
  return readForward(head, authority, rest.startsWith('/') ? rest : `/${rest}`);
}

/** What stands inside a CONNECT tunnel to a plain port: a request with a path, whose Host must be the tunnel's. */
export function readInnerRequest(head: Head, target: Target): GateRequestHead {
  if (!head.target.startsWith('/')) return refuse('bad-request', 'not a request with a path', head.target);
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  return readForward(head, `${host}:${target.port}`, head.target);
}

/** Heads of CONNECTs are kept, and what they ask with them. */
const asked = new WeakMap<Head, GateRequestHead>();

function keptConnect(head: Head): GateRequestHead {
  const known = asked.get(head);
  if (known) return known;
  const request = readConnect(head);
  asked.set(head, request);
  return request;
}

function readConnect(head: Head): GateRequestHead {
  if (valuesOf(head, 'content-length').length + valuesOf(head, 'transfer-encoding').length > 0)
    return refuse('bad-request', 'CONNECT with a body', head.target);
  if (valuesOf(head, 'host').length > 1) return refuse('bad-request', 'more than one Host', head.target);
  const target = readTarget(head.target);
  return 'refused' in target ? refuse('bad-target', target.refused, head.target) : { kind: 'connect', target };
}

function readForward(head: Head, authority: string, path: string): GateRequestHead {
  const target = readTarget(authority, 80);
  if ('refused' in target) return refuse('bad-target', target.refused, authority);
  // A rule without a port means TLS: what is sent there in the clear could be read on the way, and passed no ClientHello.
  if (target.port === TLS_PORT) return refuse('bad-request', 'port 443 speaks TLS: open it with CONNECT', authority);
  const [host, second] = valuesOf(head, 'host');
  if (host === undefined || second !== undefined) return refuse('bad-request', 'not exactly one Host', authority);
  const named = readTarget(host, 80);
  if ('refused' in named || named.host !== target.host || named.port !== target.port)
    return refuse('host-mismatch', 'the Host field names another host than the URL', authority);
  const body = readBodyLength(head);
  if ('refused' in body) return refuse('bad-request', body.refused, authority);
  const dropped = new Set(
    valuesOf(head, 'connection').flatMap((value) =>
      value
        .toLowerCase()
        .split(',')
        .map((name) => name.trim()),
    ),
  );
  if (['host', 'content-length', 'transfer-encoding'].some((name) => dropped.has(name)))
    return refuse('bad-request', 'Connection names a field that frames the request', authority);
  return { kind: 'forward', target, body, head: renderHead(head, { target, path, body, dropped }) };
}

type Rendering = { readonly target: Target; readonly path: string; readonly body: BodyLength; readonly dropped: ReadonlySet<string> };

function renderHead(head: Head, { target, path, body, dropped }: Rendering): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host;
  const kept = head.fields.filter(({ name }) => !HOP_BY_HOP.has(name) && !dropped.has(name));
  return [
    `${head.method} ${path} HTTP/1.1`,
    `host: ${target.port === 80 ? host : `${host}:${target.port}`}`,
    ...kept.map(({ name, value }) => `${name}: ${value}`),
    ...(body.kind === 'chunked' ? ['transfer-encoding: chunked'] : []),
    'connection: close',
    '\r\n',
  ].join('\r\n');
}

/** How the body of this request ends, if it says so in exactly one way. */
export function readBodyLength(head: Head): BodyLength | { readonly refused: string } {
  const lengths = valuesOf(head, 'content-length');
  const encodings = valuesOf(head, 'transfer-encoding');
  if (lengths.length > 0 && encodings.length > 0) return { refused: 'both Content-Length and Transfer-Encoding' };
  if (lengths.length > 1 || encodings.length > 1) return { refused: 'the length of the body is given twice' };
  const [encoding] = encodings;
  if (encoding !== undefined)
    return encoding.toLowerCase() === 'chunked' && head.minor === 1
      ? { kind: 'chunked' }
      : { refused: 'a Transfer-Encoding other than chunked' };
  const [length] = lengths;
  if (length === undefined) return { kind: 'none' };
  return /^(?:0|[1-9]\d{0,14})$/.test(length) ? { kind: 'length', bytes: Number(length) } : { refused: 'Content-Length is no number' };
}

function readTarget(text: string, defaultPort?: number): Target | { readonly refused: string } {
  const authority = parseAuthority(text, defaultPort);
  return 'refused' in authority ? authority : normaliseTarget(authority.host, authority.port);
}

function refuse(reason: Extract<Reason, 'bad-request' | 'bad-target' | 'host-mismatch'>, detail: string, written: string): GateRequestHead {
  return { kind: 'refused', reason, detail, written: written.slice(0, 255) };
}
