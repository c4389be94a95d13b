import { createPublicKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { addressBytes } from './address-bytes.ts';

export type Issued = { readonly certificate: string; readonly key: string };

export type Authority = {
  readonly certificate: string;
  /** A server certificate for these names or addresses. */
  issue(names: readonly string[]): Issued;
};

const DAY = 86_400_000;

/** A throw-away certificate authority: node:crypto signs, the DER around it is written here (no openssl program needed). */
export function makeAuthority(name: string, nowMs: number): Authority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const certificate = makeCertificate({
    subject: name,
    issuer: name,
    publicKey,
    signer: privateKey,
    nowMs,
    extensions: authorityExtensions(),
  });
  return {
    certificate,
    issue: (names) => {
      const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return {
        certificate: makeCertificate({
          subject: names[0] ?? 'nameless',
          issuer: name,
          publicKey: own.publicKey,
          signer: privateKey,
          nowMs,
          extensions: serverExtensions(names),
        }),
        key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      };
    },
  };
}

function makeCertificate(input: {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly nowMs: number;
  readonly extensions: readonly Buffer[];
}): string {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
    algorithm,
    nameOf(input.issuer),
    sequence(time(input.nowMs - DAY), time(input.nowMs + 30 * DAY)),
    nameOf(input.subject),
    createPublicKey(input.publicKey.export({ type: 'spki', format: 'pem' })).export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...input.extensions)),
  );
  const signature = sign('sha256', body, input.signer);
  const der = sequence(body, algorithm, tagged(0x03, Buffer.from([0]), signature));
  return new X509Certificate(der).toString();
}

function authorityExtensions(): readonly Buffer[] {
  return [
    extension('2.5.29.19', true, sequence(tagged(0x01, Buffer.from([0xff])))),
    extension('2.5.29.15', true, tagged(0x03, Buffer.from([1, 0x06]))),
  ];
}

function serverExtensions(names: readonly string[]): readonly Buffer[] {
  const entries = names.map((one) => (isIP(one) === 0 ? tagged(0x82, Buffer.from(one, 'ascii')) : tagged(0x87, addressBytes(one))));
  return [extension('2.5.29.17', false, sequence(...entries)), extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1')))];
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [tagged(0x01, Buffer.from([0xff]))] : []), tagged(0x04, value));
}

function nameOf(common: string): Buffer {
  return sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(common, 'utf8')))));
}

function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return tagged(0x17, Buffer.from(`${text}Z`, 'ascii'));
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const base128 = (value: number): readonly number[] => {
    const digits = [value & 0x7f];
    for (let left = value >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  };
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}
