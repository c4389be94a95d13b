import type { Redacted } from '../../core/redacted.ts';
import type { SecretProbe } from './subject.ts';

/** Shorter ones would be found by chance. */
const LEAST = 8;

/** Looks for a secret as it is, and in the forms in which it slips through: base64, hexadecimal, percent-escaped, JSON, reversed. */
export function secretProbe(secret: Redacted): SecretProbe {
  const value = secret.reveal().trim();
  if (value.length < LEAST) return { isIn: () => false };
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
  return { isIn: (text) => [...forms].some((form) => text.includes(form)) };
}
