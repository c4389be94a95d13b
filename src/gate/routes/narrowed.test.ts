import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRoutes } from './route-settings.ts';

const asked = (provider: string, only?: unknown): unknown => {
  const read = parseRoutes([{ client: 'gateway-main', provider, secretFile: '/secrets/key', ...(only === undefined ? {} : { only }) }]);
  return 'invalid' in read ? read.invalid : read.list.flatMap((one) => one.provider.endpoints.map(({ name }) => name));
};

const REFUSED = 'routes[0]: only is no list of what may be asked of this provider';

for (const [situation, provider, only, expected] of [
  ['not a word', 'openai', undefined, ['responses', 'embeddings']],
  ['one of two', 'openai', ['embeddings'], ['embeddings']],
  ['both', 'openai', ['embeddings', 'responses'], ['responses', 'embeddings']],
  ['nothing', 'openai', [], REFUSED],
  ['no list', 'openai', 'embeddings', REFUSED],
  ['what this provider does not have', 'anthropic', ['embeddings'], REFUSED],
  ['one that is not there', 'openai', ['embeddings', 'files'], REFUSED],
] as const) {
  test(`narrowed: ${situation} -> ${String(expected)}`, () => assert.deepEqual(asked(provider, only), expected));
}
