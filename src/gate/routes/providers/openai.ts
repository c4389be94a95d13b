import { FIELD_KEY, type Provider } from '../provider.ts';

/** OpenAI's Responses API, and the embeddings that memory is searched by. */
export const OPENAI: Provider = {
  name: 'openai',
  host: 'api.openai.com',
  credential: { in: 'header', name: 'authorization', prefix: 'Bearer ', shape: FIELD_KEY },
  endpoints: [
    { name: 'responses', method: 'POST', path: /^\/v1\/responses$/ },
    { name: 'embeddings', method: 'POST', path: /^\/v1\/embeddings$/ },
  ],
  fields: [],
  usage: 'openai',
  errorBody: openAiError,
};

/** The shape in which OpenAI and those who speak as it does tell an error. */
export function openAiError(status: number, message: string): unknown {
  const type = status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error';
  return { error: { message, type, param: null, code: null } };
}
