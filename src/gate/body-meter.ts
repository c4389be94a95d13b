import type { BodyLength } from './request.ts';

/** How many of these bytes still belong to the request's body, and whether it ends with them. */
export type Measured = { readonly take: number; readonly done: boolean } | { readonly refused: string };

type ChunkState =
  | { readonly at: 'size'; readonly line: string }
  | { readonly at: 'data'; readonly left: number }
  | { readonly at: 'data-end'; readonly left: number }
  | { readonly at: 'end'; readonly line: string };

/**
 * Follows a body to its last byte, so that nothing after it (a smuggled second request) goes upstream.
 * Chunked: sizes in plain hexadecimal without extensions, CRLF only, no trailer fields.
 */
export class BodyMeter {
  #left: number;
  #chunk: ChunkState | undefined;
  readonly #onContent: (content: Uint8Array) => void;

  /** `onContent` gets what the body says, without its framing. */
  constructor(body: BodyLength, onContent: (content: Uint8Array) => void = () => {}) {
    this.#onContent = onContent;
    this.#left = body.kind === 'length' ? body.bytes : 0;
    this.#chunk = body.kind === 'chunked' ? { at: 'size', line: '' } : undefined;
  }

  /** True when no byte is expected (any more). */
  get done(): boolean {
    return this.#left === 0 && this.#chunk === undefined;
  }

  measure(bytes: Uint8Array): Measured {
    if (!this.#chunk) {
      const take = Math.min(this.#left, bytes.length);
      this.#left -= take;
      if (take > 0) this.#onContent(bytes.subarray(0, take));
      return { take, done: this.done };
    }
    let at = 0;
    while (at < bytes.length && this.#chunk) {
      const step: number | string = this.#step(this.#chunk, bytes, at);
      if (typeof step === 'string') return { refused: step };
      at += step;
    }
    return { take: at, done: this.done };
  }

  #step(state: ChunkState, bytes: Uint8Array, at: number): number | string {
    switch (state.at) {
      case 'size': {
        const line = state.line + String.fromCharCode(bytes[at] ?? 0);
        if (!/^(?:[0-9a-fA-F]{1,8}\r?)$|^(?:[0-9a-fA-F]{1,8}\r\n)$/.test(line)) return 'a chunk has a malformed size';
        const size = Number.parseInt(line, 16);
        this.#chunk = !line.endsWith('\n') ? { at: 'size', line } : size === 0 ? { at: 'end', line: '' } : { at: 'data', left: size };
        return 1;
      }
      case 'data': {
        const take = Math.min(state.left, bytes.length - at);
        this.#chunk = take === state.left ? { at: 'data-end', left: 2 } : { at: 'data', left: state.left - take };
        this.#onContent(bytes.subarray(at, at + take));
        return take;
      }
      case 'data-end': {
        if (bytes[at] !== (state.left === 2 ? 13 : 10)) return 'a chunk is longer than its size';
        this.#chunk = state.left === 2 ? { at: 'data-end', left: 1 } : { at: 'size', line: '' };
        return 1;
      }
      case 'end': {
        const line = state.line + String.fromCharCode(bytes[at] ?? 0);
        if (line !== '\r' && line !== '\r\n') return 'trailer fields are not passed on';
        this.#chunk = line === '\r\n' ? undefined : { at: 'end', line };
        return 1;
      }
    }
  }
}

/** What of the bytes behind a request's head may go upstream: all of a piece, or undefined when it holds more than the body. */
export function bodyCutter(body: BodyLength): (bytes: Uint8Array) => Uint8Array | undefined {
  const meter = new BodyMeter(body);
  return (bytes) => {
    const measured = meter.measure(bytes);
    return 'refused' in measured || measured.take < bytes.length ? undefined : bytes;
  };
}
