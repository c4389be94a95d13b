import type { PendingEntry } from '../policy/gate-protocol.ts';
import type { Reason, Verdict } from '../policy/policy.ts';

const MAX_ENTRIES = 1000;

// What an operator can answer with a rule; the rest is either decided, always closed, or a broken request.
const ANSWERABLE: ReadonlySet<Reason> = new Set<Reason>(['no-rule', 'address-without-rule', 'private-address']);

/** Denied attempts since the gate started, one entry a host, port and client; the longest silent go first. */
export class Pending {
  readonly #entries = new Map<string, PendingEntry>();

  note(attempt: { readonly host: string; readonly port: number; readonly client: string }, verdict: Verdict, nowMs: number): void {
    const reason = verdict.would ?? verdict.reason;
    const { host, port, client } = attempt;
    // Names below `invalid` exist nowhere (RFC 6761), so a rule could not open them.
    if (!ANSWERABLE.has(reason) || host.endsWith('.invalid')) return;
    const key = `${client} ${host} ${port}`;
    const before = this.#entries.get(key);
    // Taken out and put in again, so that the first key is always the longest silent one.
    this.#entries.delete(key);
    this.#entries.set(key, {
      host,
      port,
      client,
      reason,
      count: (before?.count ?? 0) + 1,
      firstMs: before?.firstMs ?? nowMs,
      lastMs: nowMs,
    });
    if (this.#entries.size <= MAX_ENTRIES) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  /** Those for which `isOpen` still says so, most recent first. */
  list(isOpen: (entry: PendingEntry) => boolean): readonly PendingEntry[] {
    return [...this.#entries.values()].filter(isOpen).toReversed();
  }
}
