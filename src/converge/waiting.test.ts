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
  one-key: { host: here, model: { provider: openai, id: x, apiKey: { secret: other } }, memory: { search: true } }
  two-keys: { host: here, memory: { search: { provider: openai, apiKey: { secret: vectors } } } }
`);

for (const { present, parts } of [
  { present: [], parts: ['main model key', 'main telegram token', 'one-key model other', 'two-keys memory search vectors'] },
  { present: ['key', 'other'], parts: ['main telegram token', 'two-keys memory search vectors'] },
  { present: ['token', 'vectors'], parts: ['main model key', 'one-key model other'] },
  { present: ['key', 'token', 'other', 'vectors', 'more'], parts: [] },
]) {
  test(`waitingFor: ${present.join(' and ') || 'no secret'} set -> ${parts.join(', ') || 'nothing'}`, () => {
    const found = waitingFor(deployment, new Set(present));
    assert.deepEqual(
      found.map(({ gateway, part, secret }) => `${gateway} ${part} ${secret}`),
      parts,
    );
  });
}
