import { createHash } from 'node:crypto';
import type { Redacted } from '../../core/redacted.ts';
import type { SecretProbe } from './subject.ts';

// As in inside/search.mjs, which rolls the same sum along.
const BASE = 16_777_619;

/** Who has the fingerprint could try out everything that is shorter. */
const LEAST_NEEDLE = 20;

/** Shorter ones would be found by chance. */
const LEAST = 8;

/** Looks for a secret as it is, and in the forms in which it slips through: base64, hexadecimal, percent-escaped, JSON, reversed. */
export function secretProbe(secret: Redacted): SecretProbe {
  const value = secret.reveal().trim();
  if (value.length < LEAST) return { isIn: () => false, needle: () => undefined };
  const bytes = Buffer.from(value, 'utf8');
  const forms = new Set([
    value,
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('base64url'),
    bytes.toString('hex'),
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    Array.from(value).toReversed().join(''),
  ]);
  return {
    isIn: (text) => [...forms].some((form) => text.includes(form)),
    needle: (canary) =>
      bytes.length < LEAST_NEEDLE
        ? undefined
        : {
            length: bytes.length,
            sum: bytes.reduce((sum, byte) => (Math.imul(sum, BASE) + byte) | 0, 0),
            digest: createHash('sha256').update(canary).update(bytes).digest('hex'),
          },
  };
}
