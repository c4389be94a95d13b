/** How many connections are open, in all and for each client: one client's flood leaves room for the others. */
export class Admission {
  readonly #perClient: number;
  readonly #connections: number;
  readonly #open = new Map<string, number>();
  #total = 0;

  constructor(limits: { readonly perClient: number; readonly connections: number }) {
    this.#perClient = limits.perClient;
    this.#connections = limits.connections;
  }

  get total(): number {
    return this.#total;
  }

  /** Takes a place, or tells which limit is reached. */
  enter(client: string): 'entered' | 'client-limit' | 'total-limit' {
    const open = this.#open.get(client) ?? 0;
    if (open >= this.#perClient) return 'client-limit';
    if (this.#total >= this.#connections) return 'total-limit';
    this.#open.set(client, open + 1);
    this.#total += 1;
    return 'entered';
  }

  /** Gives a place back; once for each time that `enter` said `entered`. */
  leave(client: string): void {
    const open = (this.#open.get(client) ?? 0) - 1;
    if (open > 0) this.#open.set(client, open);
    else this.#open.delete(client);
    this.#total -= 1;
  }
}
