import type { AccountKeys, KeysLook } from '../hosts/keys-look.ts';

/** Longer ago, and the host is asked again. */
const BELIEVED_MS = 10_000;
const taken = new WeakMap<KeysLook, Set<string>>();

/**
 * What a host told of an account when it was opened: once, for it may be changed from then on, by this command too. Whoever changes
 * it takes it, so that nobody else does.
 */
export function takeTold(keys: KeysLook | undefined, user: string, now = Date.now()): AccountKeys | undefined {
  if (!keys) return undefined;
  const before = taken.get(keys) ?? new Set();
  taken.set(keys, new Set([...before, user]));
  return before.has(user) || now - keys.at > BELIEVED_MS ? undefined : keys.accounts.get(user);
}
