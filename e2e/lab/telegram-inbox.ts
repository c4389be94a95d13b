/** One entry of a bot's updates. */
export type Update = { readonly update_id: number; readonly [key: string]: unknown };

/** The updates of one bot: kept until an offset confirms them, handed to one reader at a time. */
export class TelegramInbox {
  #updates: readonly Update[] = [];
  #next = 1000;
  #reader: ((updates: readonly Update[] | undefined) => void) | undefined;

  put(update: Readonly<Record<string, unknown>>): void {
    this.#updates = [...this.#updates, { ...update, update_id: this.#next }];
    this.#next += 1;
    this.#reader?.(this.#updates);
  }

  /** What is there from `offset` on, or whatever comes within the time; undefined when another reader came meanwhile. */
  take(offset: number, waitMs: number): Promise<readonly Update[] | undefined> {
    this.#reader?.(undefined);
    this.#updates = this.#updates.filter((one) => one.update_id >= offset);
    if (this.#updates.length > 0 || waitMs === 0) return Promise.resolve(this.#updates);
    return new Promise((resolve) => {
      const end = (updates: readonly Update[] | undefined): void => {
        clearTimeout(timer);
        this.#reader = undefined;
        resolve(updates);
      };
      const timer = setTimeout(() => end([]), waitMs);
      this.#reader = end;
    });
  }
}
