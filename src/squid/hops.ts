import type { AccessLine } from './access-line.ts';

/** A connection of a client, with what its second hop had to say. */
export type Passage = { readonly line: AccessLine; readonly hop: AccessLine | undefined };

const KEPT = 2000;

/**
 * Puts the lines of both hops together: the second hop writes first, and its client's port is the port that the first one went on
 * from. Bounded: what nobody came for is forgotten.
 */
export class Hops {
  readonly #hopPort: number | undefined;
  readonly #waiting = new Map<number, AccessLine>();

  constructor(hopPort: number | undefined) {
    this.#hopPort = hopPort;
  }

  /** A client's connection, complete; undefined for a line of the second hop, which waits for the one that it belongs to. */
  take(line: AccessLine): Passage | undefined {
    if (this.#hopPort === undefined || line.port !== this.#hopPort)
      return { line, hop: line.onPort === undefined ? undefined : this.#claim(line.onPort) };
    if (line.fromPort !== undefined && line.hello !== undefined) this.#keep(line.fromPort, line);
    return undefined;
  }

  // Of a tunnel that was spliced it writes two lines, and only the second one knows the address.
  #keep(port: number, line: AccessLine): void {
    this.#waiting.delete(port);
    this.#waiting.set(port, line);
    if (this.#waiting.size <= KEPT) return;
    const [oldest] = this.#waiting.keys();
    if (oldest !== undefined) this.#waiting.delete(oldest);
  }

  #claim(port: number): AccessLine | undefined {
    const found = this.#waiting.get(port);
    this.#waiting.delete(port);
    return found;
  }
}
