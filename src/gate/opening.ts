import { type ClientHello, readClientHello } from './client-hello.ts';
import { type Head, readHead } from './http-head.ts';

/** The first bytes inside a tunnel: TLS everywhere, on the plain port also a request. */
export type Opening =
  | { readonly kind: 'hello'; readonly hello: ClientHello }
  | { readonly kind: 'head'; readonly head: Head }
  | { readonly kind: 'refused'; readonly detail: string };

const PLAIN_PORT = 80;

/** `undefined`: more bytes are needed. */
export function readOpening(bytes: Buffer, port: number): Opening | undefined {
  if (port === PLAIN_PORT && bytes[0] !== 22) {
    const head = readHead(bytes);
    if (!head) return undefined;
    return 'refused' in head ? { kind: 'refused', detail: head.refused } : { kind: 'head', head };
  }
  const reading = readClientHello(bytes);
  if (!reading) return undefined;
  return 'refused' in reading ? { kind: 'refused', detail: reading.detail } : { kind: 'hello', hello: reading.hello };
}
