import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { throwawayCertificate } from './throwaway-certificate.ts';

test('throwawayCertificate: made twice -> a certificate with its key, signed by itself, another one each time', () => {
  const [one, other] = [throwawayCertificate(), throwawayCertificate()];
  const certificate = new X509Certificate(one);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(one)));
  assert.ok(certificate.verify(certificate.publicKey));
  assert.notEqual(certificate.fingerprint256, new X509Certificate(other).fingerprint256);
});
