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
`);

for (const { present, parts } of [
  { present: [], parts: ['main model key', 'main telegram token'] },
  { present: ['key'], parts: ['main telegram token'] },
  { present: ['token'], parts: ['main model key'] },
  { present: ['key', 'token', 'other'], parts: [] },
]) {
  test(`waitingFor: ${present.join(' and ') || 'no secret'} set -> ${parts.join(', ') || 'nothing'}`, () => {
    const found = waitingFor(deployment, new Set(present));
    assert.deepEqual(
      found.map(({ gateway, part, secret }) => `${gateway} ${part} ${secret}`),
      parts,
    );
  });
}
