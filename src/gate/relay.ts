import type { Socket } from 'node:net';
import type { Upstream } from './dial.ts';

/** Bytes so far and when the last one came (`performance.now()`). */
export type RelayCount = { up: number; down: number; lastMs: number };

const NOTHING = Buffer.alloc(0);

/**
 * Carries bytes both ways until both sides have ended or one fails. `head` goes upstream first and as it is, then what the
 * client had sent already; `limitUp` may cut what the client sends (a request's body), undefined breaks off.
 */
export function relay(
  client: Socket,
  upstream: Upstream,
  options: {
    readonly head: readonly Uint8Array[];
    readonly first: Uint8Array;
    readonly clientEnded: boolean;
    readonly count: RelayCount;
    readonly limitUp?: (bytes: Uint8Array) => Uint8Array | undefined;
  },
): Promise<'closed' | 'error'> {
  const { count, limitUp } = options;
  const server = upstream.socket;
  return new Promise((resolve) => {
    let failed = false;
    const resumeServer = (): void => void server.resume();
    const sendUp = (bytes: Uint8Array): boolean => {
      const kept = limitUp ? limitUp(bytes) : bytes;
      if (!kept) {
        failed = true;
        client.destroy();
        return false;
      }
      count.up += kept.length;
      count.lastMs = performance.now();
      return kept.length === 0 || server.write(kept);
    };

    upstream.reading.start((bytes) => {
      count.down += bytes.length;
      count.lastMs = performance.now();
      client.write(bytes);
      // Written at once: the buffer is free again.
      if (client.writableLength === 0) return true;
      // Else it is in use until what is written behind it is done.
      client.write(NOTHING, resumeServer);
      return false;
    });
    server.on('end', () => client.end());
    server.on('drain', () => client.resume());
    client.on('data', (bytes: Buffer) => {
      if (!sendUp(bytes)) client.pause();
    });
    client.on('end', () => server.end());

    let open = 2;
    const watch = (one: Socket, other: Socket): void => {
      one.on('error', () => (failed = true));
      const onClose = (): void => {
        // A side that closed without an end leaves the other nothing to wait for.
        if (!one.readableEnded || !one.writableFinished) other.destroy();
        open -= 1;
        if (open > 0) return;
        upstream.reading.release();
        resolve(failed ? 'error' : 'closed');
      };
      // A client that is gone already (it closed without reading its 200) says so no second time.
      if (one.closed) onClose();
      else one.on('close', onClose);
    };
    watch(client, server);
    watch(server, client);
    if (client.destroyed) server.destroy();
    for (const bytes of options.head) server.write(bytes);
    if (options.first.length > 0) sendUp(options.first);
    if (options.clientEnded) server.end();
    server.resume();
    client.resume();
  });
}
