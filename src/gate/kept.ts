/** Answers that are the same for the same key, so that they are not worked out again for each connection. Never more than `most`. */
export class Kept<T> {
  readonly #answers = new Map<string, T>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): T | undefined {
    return this.#answers.get(key);
  }

  /** Keeps it and gives it back. What is too many is let go of all at once: a client that asks for ever new things finds nothing kept anyway. */
  keep(key: string, answer: T): T {
    if (this.#answers.size >= this.#most) this.#answers.clear();
    this.#answers.set(key, answer);
    return answer;
  }

  clear(): void {
    this.#answers.clear();
  }
}
