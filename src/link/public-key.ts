import { wireReader } from './wire.ts';

/** One public key as authorized_keys, known_hosts and `.pub` files write it, without its comment. */
export type PublicKey = { readonly type: string; readonly blob: string };

const TYPE = /^(?:ssh|ecdsa|sk)-[A-Za-z0-9@.-]+$/;
const BLOB = /^AAAA[A-Za-z0-9+/]+={0,2}$/;

/** `TYPE BASE64 [comment]` -> the key; undefined when it is none, or when the type is not the one inside the base64. */
export function parsePublicKey(text: string): PublicKey | undefined {
  const [type = '', blob = ''] = text.trim().split(/[ \t]+/);
  return TYPE.test(type) && BLOB.test(blob) && typeInside(blob) === type ? { type, blob } : undefined;
}

/** `TYPE BASE64`. */
export function formatPublicKey({ type, blob }: PublicKey): string {
  return `${type} ${blob}`;
}

function typeInside(blob: string): string | undefined {
  return wireReader(Buffer.from(blob, 'base64')).string()?.toString('latin1');
}
