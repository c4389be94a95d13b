import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';

import { Problem } from '../core/problem.ts';
import { Redacted } from '../core/redacted.ts';
import { sshString, uint32, wireReader } from './wire.ts';

/** A key pair of one link. `privateKey` is the text of an OpenSSH private key file without a passphrase. */
export type LinkKey = { readonly privateKey: Redacted; readonly publicKey: string };

const TYPE = 'ssh-ed25519';
const MAGIC = Buffer.from('openssh-key-v1\0', 'latin1');
const BEGIN = '-----BEGIN OPENSSH PRIVATE KEY-----';
const END = '-----END OPENSSH PRIVATE KEY-----';
const PAD_TO = 8;
/** What comes before the 32 bytes of a private Ed25519 key in PKCS #8 (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * A new Ed25519 key. Made here and not by ssh-keygen, which writes its key to a file:
 * so the private half exists in memory alone until it is stored.
 */
export function generateLinkKey(): LinkKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  // The last 32 bytes of the PKCS #8 form are the seed (RFC 8410).
  const seed = privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32);
  const publicHalf = publicOf(seed);
  return { privateKey: new Redacted(encode(seed, publicHalf)), publicKey: publicText(publicHalf) };
}

/** `ssh-ed25519 BASE64` of a key that `generateLinkKey` made; derived from the private half, not believed from the file. */
export function publicKeyOf(privateKey: Redacted): string {
  const seed = seedOf(privateKey.reveal());
  if (seed === undefined) {
    throw new Problem('link/key', 'the stored key of a link cannot be read', {
      cause: 'it is not an unencrypted Ed25519 key in the format of OpenSSH',
      fix: 'remove that key from the secrets folder of the deployment and let a new one be made: lobsterpot up',
    });
  }
  return publicText(publicOf(seed));
}

function publicOf(seed: Buffer): Buffer {
  const key = createPublicKey(createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), type: 'pkcs8', format: 'der' }));
  return key.export({ type: 'spki', format: 'der' }).subarray(-32);
}

function publicBlob(publicHalf: Buffer): Buffer {
  return Buffer.concat([sshString(TYPE), sshString(publicHalf)]);
}

function publicText(publicHalf: Buffer): string {
  return `${TYPE} ${publicBlob(publicHalf).toString('base64')}`;
}

/** The layout of OpenSSH's PROTOCOL.key, cipher and passphrase `none`. */
function encode(seed: Buffer, publicHalf: Buffer): string {
  const check = randomBytes(4);
  const secret = Buffer.concat([
    check,
    check,
    sshString(TYPE),
    sshString(publicHalf),
    sshString(Buffer.concat([seed, publicHalf])),
    sshString('lobsterpot'),
  ]);
  const padding = Buffer.from(Array.from({ length: (PAD_TO - (secret.length % PAD_TO)) % PAD_TO }, (_, at) => at + 1));
  const all = Buffer.concat([
    MAGIC,
    sshString('none'),
    sshString('none'),
    sshString(''),
    uint32(1),
    sshString(publicBlob(publicHalf)),
    sshString(Buffer.concat([secret, padding])),
  ]);
  const lines = all.toString('base64').match(/.{1,70}/g) ?? [];
  // ssh refuses a key file whose last line has no end.
  return `${[BEGIN, ...lines, END].join('\n')}\n`;
}

function seedOf(text: string): Buffer | undefined {
  const [first, ...rest] = text.trimEnd().split(/\r?\n/);
  if (first !== BEGIN || rest.pop() !== END) return undefined;
  const all = Buffer.from(rest.join(''), 'base64');
  if (!all.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const outer = wireReader(all.subarray(MAGIC.length));
  const [cipher, derivation] = [outer.string(), outer.string()];
  if (cipher?.toString() !== 'none' || derivation?.toString() !== 'none') return undefined;
  outer.string();
  if (outer.number() !== 1) return undefined;
  outer.string();
  const secret = outer.string();
  if (!secret) return undefined;
  const inner = wireReader(secret);
  if (inner.number() !== inner.number() || inner.string()?.toString() !== TYPE) return undefined;
  inner.string();
  const both = inner.string();
  return both?.length === 64 ? both.subarray(0, 32) : undefined;
}
