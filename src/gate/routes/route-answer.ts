import type { IncomingHttpHeaders } from 'node:http';
import { basename } from 'node:path';
import type { Provider } from './provider.ts';
import type { RouteSettings } from './route-settings.ts';
import { jsonAnswer } from '../json-answer.ts';

/** What of an answer reaches the client: as it came, or an error in the provider's shape in its place. */
export type Judged = { readonly kind: 'pass' } | { readonly kind: 'instead'; readonly status: number; readonly message: string };

/**
 * Judges an answer by its status. A client that is told 401, 402 or 403 takes its own key for bad and stops asking for
 * minutes; but its key is none, and it could not find another. A redirect is followed by nobody.
 */
export function judgeAnswer(status: number, { provider, secretFile }: Pick<RouteSettings, 'provider' | 'secretFile'>): Judged {
  if (status === 401 || status === 403)
    return {
      kind: 'instead',
      status: 400,
      message: `${provider.host} refused the key that the gate holds (HTTP ${status}); the operator sees to it: lobsterpot rotate secret ${basename(secretFile)}`,
    };
  if (status === 402)
    return { kind: 'instead', status: 400, message: `${provider.host} wants to be paid first (HTTP 402); the operator sees to it there` };
  if (status >= 300 && status < 400)
    return { kind: 'instead', status: 400, message: `${provider.host} answered with a redirect (HTTP ${status}), which is not followed` };
  if (status < 200 || status > 599) return { kind: 'instead', status: 502, message: `${provider.host} answered with HTTP ${status}` };
  return { kind: 'pass' };
}

const PASSED: ReadonlySet<string> = new Set([
  'content-type',
  'content-encoding',
  'cache-control',
  'retry-after',
  'request-id',
  'x-request-id',
]);
const PASSED_GROUPS = /^(?:anthropic-ratelimit|x-ratelimit)-[a-z-]{1,60}$/;

/** The head of an answer that passes: nothing that sets a cookie, names another place, or frames the body as the client does not see it. */
export function answerHead(status: number, headers: IncomingHttpHeaders, body: 'chunked' | 'close' | number): string {
  const fields = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' && (PASSED.has(name) || PASSED_GROUPS.test(name)) && /^[\t -~]*$/.test(value) ? [`${name}: ${value}`] : [],
  );
  const framing = body === 'chunked' ? ['transfer-encoding: chunked'] : body === 'close' ? [] : [`content-length: ${body}`];
  return [`HTTP/1.1 ${status} ${status < 400 ? 'OK' : 'Error'}`, ...fields, ...framing, 'connection: close', '\r\n'].join('\r\n');
}

/** A whole answer of the gate's own on a route. */
export function errorAnswer(provider: Provider, status: number, message: string): string {
  const body = JSON.stringify(provider.errorBody(status, message));
  return jsonAnswer(`${status} Error`, body);
}
