import { X509Certificate } from 'node:crypto';
import { reasonOf } from '../core/problem.ts';
import type { Mistake } from './mistake.ts';

const MOST_BYTES = 1024 * 1024;
const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** How the caller reads a file that the deployment names; the path is as written. */
export type ReadFile = (path: string) => Uint8Array;

/** The PEM text of `egress.ca`, with nothing in it but certificates that can be read. */
export function readCertificates(path: string, readFile: ReadFile): { readonly pem: string } | { readonly mistake: Mistake } {
  const refuse = (what: string, cause: string, change: string): { readonly mistake: Mistake } => ({
    mistake: { code: 'ca', path: ['egress', 'ca'], what, cause, change },
  });
  if (/\p{Cc}/u.test(path)) return refuse('not a path', 'it has a control character in it', 'write the path in plain characters');
  if (path.split('/').includes('..'))
    return refuse(
      'not a safe path',
      '`..` leads out of the folder of this file',
      'write an absolute path, or put the file beside this one',
    );
  let content: Uint8Array;
  try {
    content = readFile(path);
  } catch (thrown) {
    return refuse('the file cannot be read', plainReason(thrown), 'correct the path or the rights of the file');
  }
  if (content.byteLength > MOST_BYTES)
    return refuse(
      'the file is too large',
      `it has ${content.byteLength} bytes, at most ${MOST_BYTES} are read`,
      'keep only the certificates that are needed',
    );
  const text = Buffer.from(content).toString('latin1');
  // The file is handed to every service: a key in it would be given away.
  if (text.includes('PRIVATE KEY-----'))
    return refuse('there is a private key in the file', 'every service is given this file', 'name a file that holds certificates alone');
  const blocks = text.match(BLOCK) ?? [];
  if (blocks.length === 0)
    return refuse('there is no certificate in the file', 'it has no block BEGIN CERTIFICATE', 'name a file in PEM form');
  for (const [at, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch (thrown) {
      return refuse(`certificate ${at + 1} in the file cannot be read`, reasonOf(thrown), 'write the file anew from its source');
    }
  }
  return { pem: `${blocks.join('\n')}\n` };
}

function plainReason(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'it may not be read by this user';
    case 'EISDIR':
      return 'it is a folder';
    default:
      return reasonOf(thrown);
  }
}
