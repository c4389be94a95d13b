import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseText } from '../topology/testing/parse-text.ts';
import { waitingFor } from './waiting.ts';

const deployment = parseText(`name: home
hosts: { here: {} }
gateways:
  main:
    host: here
    model: { provider: openai, id: x, apiKey: { secret: key } }
    channels: { telegram: { botToken: { secret: token }, allowFrom: ["1"] } }
  plain: { host: here }
  asking: { host: here, credentials: route, channels: { a2a: { peers: { w: { url: "https://w.test/a2a/v1", token: { secret: w } } } } } }
  one-key: { host: here, model: { provider: openai, id: x, apiKey: { secret: other } }, memory: { search: true } }
  two-keys: { host: here, memory: { search: { provider: openai, apiKey: { secret: vectors } } } }
`);

for (const { present, parts } of [
  {
    present: [],
    parts: ['main model key', 'main telegram token', 'asking a2a peer w w', 'one-key model other', 'two-keys memory search vectors'],
  },
  { present: ['key', 'other'], parts: ['main telegram token', 'asking a2a peer w w', 'two-keys memory search vectors'] },
  { present: ['token', 'vectors'], parts: ['main model key', 'asking a2a peer w w', 'one-key model other'] },
  { present: ['key', 'token', 'other', 'vectors', 'w', 'more'], parts: [] },
]) {
  test(`waitingFor: ${present.join(' and ') || 'no secret'} set -> ${parts.join(', ') || 'nothing'}`, () => {
    const found = waitingFor(deployment, new Set(present));
    assert.deepEqual(
      found.map(({ gateway, part, secret }) => `${gateway} ${part} ${secret}`),
      parts,
    );
  });
}
