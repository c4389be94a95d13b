import type { Role } from './addresses.ts';

/** Something that reached the lab's internet. Never holds a key or a body. */
export type Contact =
  | { readonly kind: 'dns'; readonly name: string; readonly type: string; readonly over: 'udp' | 'tcp'; readonly to: string }
  | { readonly kind: 'tcp'; readonly role: Role; readonly to: string; readonly from: string }
  | { readonly kind: 'canary'; readonly host: string; readonly to: string; readonly from: string }
  | { readonly kind: 'udp'; readonly to: string; readonly bytes: number }
  | { readonly kind: 'hello'; readonly sni: string }
  | { readonly kind: 'tls'; readonly role: Role; readonly to: string; readonly sni: string }
  | { readonly kind: 'not-tls'; readonly role: Role; readonly to: string; readonly why: string }
  | {
      readonly kind: 'request';
      readonly to: string;
      readonly method: string;
      readonly path: string;
      readonly host: string;
      readonly key: 'expected' | 'other' | 'none';
    };

export type LedgerEntry = Contact & { readonly seq: number; readonly atMs: number };

/** What reached whom, in order; bounded, because a flood test must not fill the memory of the lab. */
export class Ledger {
  readonly #entries: LedgerEntry[] = [];
  #seq = 0;

  note(contact: Contact): void {
    this.#seq += 1;
    this.#entries.push({ ...contact, seq: this.#seq, atMs: Date.now() });
    if (this.#entries.length > 20_000) this.#entries.shift();
  }

  since(seq: number): readonly LedgerEntry[] {
    return this.#entries.filter((entry) => entry.seq > seq);
  }
}
