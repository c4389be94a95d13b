import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Problem } from '../core/problem.ts';

/** A node host's own word about who it is. */
export type NodeIdentity = { readonly deviceId: string; readonly publicKey: string };

const IDENTITY = z.object({ deviceId: z.string().regex(/^[0-9a-f]{64}$/), publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });

/** The device id that belongs to a raw Ed25519 public key in base64url: its SHA-256. */
export function deviceIdOf(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex');
}

/**
 * Reads `openclaw node identity --json`. Absent: the node has none yet. Throws a Problem when it contradicts itself:
 * the id must be the digest of the key, so that one comparison binds both.
 */
export function parseIdentity(stdout: string): NodeIdentity | undefined {
  const text = stdout.trim();
  if (text === '') return undefined;
  const parsed = IDENTITY.safeParse(jsonOf(text));
  if (parsed.success && deviceIdOf(parsed.data.publicKey) === parsed.data.deviceId) return parsed.data;
  throw new Problem('openclaw/identity', 'the node host tells an identity that is not one', {
    cause: parsed.success ? 'its device id is not the digest of its public key' : 'the answer is not {deviceId, publicKey}',
    fix: 'remove the state of this node, then run: lobsterpot up',
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
