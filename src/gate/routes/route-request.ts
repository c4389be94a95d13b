import { type Head, valuesOf } from '../http-head.ts';
import { type BodyLength, readBodyLength } from '../request.ts';
import type { Endpoint, Provider } from './provider.ts';

/** What a request on a route comes to: what is asked upstream but for the credential, or why nothing is. */
export type RouteRequest =
  | {
      readonly kind: 'ask';
      readonly endpoint: Endpoint;
      readonly fields: Readonly<Record<string, string>>;
      readonly body: BodyLength;
      /** The path upstream, given the credential. */
      readonly pathWith: (key: string) => string;
    }
  | { readonly kind: 'refused'; readonly status: 400 | 413; readonly detail: string };

// Everything else that a client sends (its credential, cookies, traces, how to answer) stays here.
const PASSED: ReadonlySet<string> = new Set(['accept', 'content-type', 'user-agent']);

/** The first part of a path: the name of the route that it asks for. Undefined: not a path at all. */
export function routeName(head: Head): string | undefined {
  if (head.method === 'CONNECT') return undefined;
  return /^\/([a-z0-9][a-z0-9-]{0,63})(?=[/?]|$)/.exec(head.target)?.[1];
}

/** Reads a request to `provider`, whose name the path begins with. Pure. */
export function readRouteRequest(head: Head, provider: Provider, mostBytes: number): RouteRequest {
  const refused = (detail: string): RouteRequest => ({ kind: 'refused', status: 400, detail });
  if (valuesOf(head, 'host').length !== 1) return refused('not exactly one Host');
  const body = readBodyLength(head);
  if ('refused' in body) return refused(body.refused);
  const path = head.target.slice(provider.name.length + 1);
  const found = matchEndpoint(provider, head.method, path);
  if (!found) return refused(`${head.method} on this path is not among what this route passes on`);
  const length = body.kind === 'length' ? body.bytes : 0;
  if (length > mostBytes) return { kind: 'refused', status: 413, detail: `a body of more than ${mostBytes} bytes` };
  const fields: Record<string, string> = {};
  for (const { name, value } of head.fields) {
    if (!PASSED.has(name) && !provider.fields.includes(name)) continue;
    if (fields[name] !== undefined) return refused(`the field ${name} stands twice`);
    fields[name] = value;
  }
  return { kind: 'ask', endpoint: found.endpoint, fields, body, pathWith: found.pathWith };
}

type Found = { readonly endpoint: Endpoint; readonly pathWith: (key: string) => string };

function matchEndpoint(provider: Provider, method: string, path: string): Found | undefined {
  for (const endpoint of provider.endpoints) {
    const match = endpoint.method === method ? endpoint.path.exec(path) : null;
    if (!match) continue;
    const { upstream } = endpoint;
    // Replaced by functions: a `$` in a key is no pattern.
    const pathWith = (key: string): string =>
      upstream === undefined ? path : upstream.replace('{1}', () => match[1] ?? '').replace('{key}', () => key);
    return { endpoint, pathWith };
  }
  return undefined;
}
