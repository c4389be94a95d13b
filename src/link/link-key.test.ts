import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { Problem } from '../core/problem.ts';
import { Redacted } from '../core/redacted.ts';
import { generateLinkKey, publicKeyOf } from './link-key.ts';
import { parsePublicKey } from './public-key.ts';

void test('generateLinkKey: twice -> two keys, each with its public half', () => {
  const [one, two] = [generateLinkKey(), generateLinkKey()];
  assert.notEqual(one.publicKey, two.publicKey);
  for (const key of [one, two]) {
    assert.equal(publicKeyOf(key.privateKey), key.publicKey);
    assert.equal(parsePublicKey(key.publicKey)?.type, 'ssh-ed25519');
    assert.match(
      key.privateKey.reveal(),
      /^-----BEGIN OPENSSH PRIVATE KEY-----\n(?:[A-Za-z0-9+/=]{1,70}\n)+-----END OPENSSH PRIVATE KEY-----\n$/,
    );
  }
});

void test('generateLinkKey: printed -> the private half is not in it', () => {
  const key = generateLinkKey();
  const secret = key.privateKey.reveal().split('\n')[2] ?? '';
  for (const text of [inspect(key), JSON.stringify(key), String(key.privateKey)])
    assert.ok(!text.includes(secret) && text.includes('[redacted]'));
});

void test('publicKeyOf: anything else -> a Problem without the text', () => {
  const whole = generateLinkKey().privateKey.reveal();
  const broken = [
    '',
    'hello',
    whole.slice(0, 200),
    whole.replace('OPENSSH PRIVATE', 'RSA PRIVATE'),
    whole.replace(/\n[A-Za-z0-9+/]{70}\n/, '\n'),
  ];
  for (const text of broken) {
    assert.throws(
      () => publicKeyOf(new Redacted(text)),
      (error) => error instanceof Problem && error.code === 'link/key' && !JSON.stringify(error).includes('AAAA'),
    );
  }
});
