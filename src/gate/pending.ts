import type { PendingEntry } from '../policy/gate-protocol.ts';
import type { Reason, Verdict } from '../policy/policy.ts';

/** A client; all of many clients still fit into one answer of the control socket. */
const MAX_ENTRIES = 500;

// What an operator can answer with a rule; the rest is either decided, always closed, or a broken request.
const ANSWERABLE: ReadonlySet<Reason> = new Set<Reason>(['no-rule', 'address-without-rule', 'private-address']);

/**
 * Denied attempts since the gate started, one entry a host, port and client; the longest silent go first.
 * Each client has a bound of its own: one that asks for thousands of names pushes out only its own.
 */
export class Pending {
  readonly #clients = new Map<string, Map<string, PendingEntry>>();

  note(
    attempt: { readonly host: string; readonly port: number; readonly client: string },
    verdict: Pick<Verdict, 'reason' | 'would'>,
    nowMs: number,
  ): void {
    const reason = verdict.would ?? verdict.reason;
    const { host, port, client } = attempt;
    // Names below `invalid` exist nowhere (RFC 6761), so a rule could not open them.
    if (!ANSWERABLE.has(reason) || host.endsWith('.invalid')) return;
    const entries = this.#clients.get(client) ?? new Map<string, PendingEntry>();
    this.#clients.set(client, entries);
    const key = `${host} ${port}`;
    const before = entries.get(key);
    // Taken out and put in again, so that the first key is always the longest silent one.
    entries.delete(key);
    entries.set(key, {
      host,
      port,
      client,
      reason,
      count: (before?.count ?? 0) + 1,
      firstMs: before?.firstMs ?? nowMs,
      lastMs: nowMs,
    });
    if (entries.size <= MAX_ENTRIES) return;
    const [oldest] = entries.keys();
    if (oldest !== undefined) entries.delete(oldest);
  }

  /** Those for which `isOpen` still says so, most recent first. */
  list(isOpen: (entry: PendingEntry) => boolean): readonly PendingEntry[] {
    const all = [...this.#clients.values()].flatMap((entries) => [...entries.values()].toReversed());
    return all.filter(isOpen).toSorted((a, b) => b.lastMs - a.lastMs);
  }
}
