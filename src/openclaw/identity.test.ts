import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceIdOf, parseIdentity } from './identity.ts';

const publicKey = 'bX6RAtrF8I3xReHv1FSqbvsXyqsaitcxVXsi3xxW6mY';
const deviceId = '6363731ecb05c4a7be508220e388b11aa54fd29596df6f533d2d04548e90cf2b';

test('deviceIdOf: a key that OpenClaw made -> the id that OpenClaw gave it', () => {
  assert.equal(deviceIdOf(publicKey), deviceId);
});

test('parseIdentity: what the node prints -> both parts', () => {
  assert.deepEqual(parseIdentity(`${JSON.stringify({ deviceId, publicKey })}\n`), { deviceId, publicKey });
});

test('parseIdentity: nothing printed -> no identity', () => {
  assert.equal(parseIdentity(' \n'), undefined);
});

for (const [what, text] of [
  ['an id of another key', JSON.stringify({ deviceId: 'a'.repeat(64), publicKey })],
  ['no JSON', 'deviceId=1'],
  ['a part missing', JSON.stringify({ deviceId })],
  ['a key of another length', JSON.stringify({ deviceId, publicKey: 'abc' })],
] as const) {
  test(`parseIdentity: ${what} -> a problem`, () => {
    assert.throws(() => parseIdentity(text), { code: 'openclaw/identity' });
  });
}
