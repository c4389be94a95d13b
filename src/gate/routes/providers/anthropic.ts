import { FIELD_KEY, type Provider } from '../provider.ts';

/** Anthropic's Messages API: the one request that OpenClaw makes of it (measured over some thirty turns). */
export const ANTHROPIC: Provider = {
  name: 'anthropic',
  host: 'api.anthropic.com',
  credential: { in: 'header', name: 'x-api-key', prefix: '', shape: FIELD_KEY },
  endpoints: [{ name: 'messages', method: 'POST', path: /^\/v1\/messages(?:\?beta=true)?$/ }],
  // Without `anthropic-beta`: it switches on files kept there and servers of others that are called from there.
  fields: ['anthropic-version'],
  usage: 'anthropic',
  errorBody: (status, message) => ({ type: 'error', error: { type: typeOf(status), message } }),
};

function typeOf(status: number): string {
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'api_error' : 'invalid_request_error';
}
