import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { rootCertificates } from 'node:tls';
import { readCertificates } from './certificates.ts';

suite('readCertificates', () => {
  const [first = '', second = ''] = rootCertificates;
  const table: readonly (readonly [string, string, string])[] = [
    ['two certificates with text around them', `my CA\n${first}\nand another\n${second}\n`, `${first}\n${second}\n`],
    ['Windows line ends', first.replaceAll('\n', '\r\n'), `${first.replaceAll('\n', '\r\n')}\n`],
    [
      'a certificate and a private key',
      `${first}\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----`,
      'there is a private key in the file',
    ],
    ['a certificate that is cut', first.replace(/\n[^\n]+\n[^\n]+\n-----END/, '\n-----END'), 'certificate 1 in the file cannot be read'],
    ['no certificate', 'hello', 'there is no certificate in the file'],
    ['nothing', '', 'there is no certificate in the file'],
    ['too much', `${first}\n${'x'.repeat(2_000_000)}`, 'the file is too large'],
  ];
  for (const [name, content, expected] of table) {
    test(`${name} -> ${expected.startsWith('-----') ? 'those certificates' : expected}`, () => {
      const read = readCertificates('ca.pem', () => Buffer.from(content));
      assert.equal('pem' in read ? read.pem : read.mistake.what, expected);
    });
  }

  const paths: readonly (readonly [string, string])[] = [
    ['../ca.pem', 'not a safe path'],
    ['/etc/../ca.pem', 'not a safe path'],
    ['ca\u0000.pem', 'not a path'],
  ];
  for (const [path, expected] of paths) {
    test(`${JSON.stringify(path)} -> ${expected}, and nothing is read`, () => {
      const read = readCertificates(path, () => assert.fail('it was read'));
      assert.equal('pem' in read ? read.pem : read.mistake.what, expected);
    });
  }
});
