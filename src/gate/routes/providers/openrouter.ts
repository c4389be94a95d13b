import { FIELD_KEY, type Provider } from '../provider.ts';
import { openAiError } from './openai.ts';

/** OpenRouter's Chat Completions. */
export const OPENROUTER: Provider = {
  name: 'openrouter',
  host: 'openrouter.ai',
  credential: { in: 'header', name: 'authorization', prefix: 'Bearer ', shape: FIELD_KEY },
  endpoints: [{ name: 'chat completions', method: 'POST', path: /^\/api\/v1\/chat\/completions$/ }],
  fields: [],
  usage: 'openai',
  errorBody: openAiError,
};
