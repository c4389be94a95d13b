import { FIELD_KEY, type Provider } from '../provider.ts';

/** Google's Generative Language API: one model's answer, streamed or whole. A key in the query fits no path. */
export const GOOGLE: Provider = {
  name: 'google',
  host: 'generativelanguage.googleapis.com',
  credential: { in: 'header', name: 'x-goog-api-key', prefix: '', shape: FIELD_KEY },
  endpoints: [
    {
      name: 'stream generate content',
      method: 'POST',
      path: /^\/v1beta\/models\/[a-z0-9][a-z0-9._-]{0,127}:streamGenerateContent\?alt=sse$/i,
    },
    { name: 'generate content', method: 'POST', path: /^\/v1beta\/models\/[a-z0-9][a-z0-9._-]{0,127}:generateContent$/i },
  ],
  fields: [],
  usage: 'google',
  errorBody: (status, message) => ({
    error: { code: status, message, status: status === 429 ? 'RESOURCE_EXHAUSTED' : 'INVALID_ARGUMENT' },
  }),
};
