import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import { generateLinkKey } from './link-key.ts';
import { formatPublicKey, parsePublicKey } from './public-key.ts';
import { sshString } from './wire.ts';

void test('parsePublicKey: with and without a comment -> the key', () => {
  const { publicKey } = generateLinkKey();
  for (const text of [publicKey, `${publicKey} me@here\n`, `  ${publicKey.replace(' ', '\t')} a b c`]) {
    const key = parsePublicKey(text);
    assert.equal(key && formatPublicKey(key), publicKey);
  }
});

void test('parsePublicKey: no key, or a type that is not the one inside -> undefined', () => {
  const blob = generateLinkKey().publicKey.split(' ')[1] ?? '';
  const huge = Buffer.concat([Buffer.from([0, 0, 0, 99]), Buffer.from('ssh-ed25519')]).toString('base64');
  for (const text of [
    '',
    'ssh-ed25519',
    'ssh-ed25519 AAAAB',
    `ssh-rsa ${blob}`,
    `ssh-ed25519 ${blob}!`,
    `ssh-ed25519 ${huge}`,
    `no-pty ssh-ed25519 ${blob}`,
  ])
    assert.equal(parsePublicKey(text), undefined, text);
});

void test('parsePublicKey: any text -> never throws', () => {
  fc.assert(fc.property(fc.string(), (text) => void parsePublicKey(`ssh-rsa AAAA${text}`)));
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void parsePublicKey(`ssh-rsa ${sshString(bytes).toString('base64')}`)));
});
