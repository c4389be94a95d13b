import { readFileSync, statSync } from 'node:fs';
import type { Credential } from './provider.ts';

const MOST_BYTES = 4096;

/** The credential of a route, read at the moment that it is used; nothing keeps it. The messages never hold what was read. */
export function readCredential(path: string, credential: Credential): { readonly key: string } | { readonly unusable: string } {
  let text: string;
  try {
    if (statSync(path).size > MOST_BYTES) return { unusable: 'the key of this route is longer than a key' };
    text = readFileSync(path, 'utf8').trim();
  } catch {
    return { unusable: 'the gate cannot read the key of this route' };
  }
  return credential.shape.test(text) ? { key: text } : { unusable: 'the key of this route holds what no key of this provider holds' };
}
