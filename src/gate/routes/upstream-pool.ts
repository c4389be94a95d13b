import type { Agent } from 'node:http';
import { Socket, isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { reasonOf } from '../../core/problem.ts';
import { node } from './node-modules.ts';

/** The addresses of the upstream that may be dialled now, or why there are none. */
export type Addresses = () => Promise<readonly string[] | { readonly refused: Error }>;

/** One host that is spoken to; tests put a port of their own in the place of 443. */
export type UpstreamAt = { readonly host: string; readonly port: number; readonly addresses: Addresses; readonly connectMs: number };

const IDLE_MS = 4000;
const MOST_IDLE = 4;

/**
 * Connections to one host, kept for some seconds so that the next request need not shake hands again. The certificate
 * must be that of the host's name; each connection is dialled at an address that was checked for it.
 */
export function upstreamPool(at: UpstreamAt): Agent {
  // Shorter than any server keeps a connection, or a request would now and then meet one that is just being closed.
  const pool = new (node.http().Agent)({ keepAlive: true, timeout: IDLE_MS, maxFreeSockets: MOST_IDLE });
  const dialler = new Dialler(at);
  pool.createConnection = (_options, done) => {
    dialler.dial().then(
      (socket) => done?.(null, socket),
      // The second argument is not looked at then.
      (error: unknown) => done?.(error instanceof Error ? error : new Error(reasonOf(error)), new Socket()),
    );
    return undefined;
  };
  return pool;
}

class Dialler {
  readonly #at: UpstreamAt;
  #session: Buffer | undefined;

  constructor(at: UpstreamAt) {
    this.#at = at;
  }

  async dial(): Promise<TLSSocket> {
    const addresses = await this.#at.addresses();
    if ('refused' in addresses) throw addresses.refused;
    const endsAtMs = performance.now() + this.#at.connectMs;
    let last = new Error('no address to dial');
    for (const [index, address] of addresses.entries()) {
      const left = endsAtMs - performance.now();
      if (left <= 0) break;
      const socket = await this.#dialOne(address, left / (addresses.length - index));
      if (!(socket instanceof Error)) return socket;
      last = socket;
    }
    throw last;
  }

  #dialOne(address: string, timeoutMs: number): Promise<TLSSocket | Error> {
    if (isIP(address) === 0) return Promise.resolve(new Error('not an address'));
    const socket = node.tls().connect({
      host: address,
      port: this.#at.port,
      servername: this.#at.host,
      ALPNProtocols: ['http/1.1'],
      minVersion: 'TLSv1.2',
      ...(this.#session ? { session: this.#session } : {}),
    });
    socket.setNoDelay(true);
    socket.on('session', (session: Buffer) => (this.#session = session));
    return new Promise((resolve) => {
      const limit = setTimeout(() => finish(new Error('no answer within the time limit')), timeoutMs);
      const finish = (result: TLSSocket | Error): void => {
        clearTimeout(limit);
        socket.off('error', finish);
        // An error after this one has nobody to go to, and would end the whole gate.
        socket.on('error', () => {});
        if (result instanceof Error) socket.destroy();
        resolve(result);
      };
      socket.once('error', finish);
      socket.once('secureConnect', () => finish(socket.authorized ? socket : new Error('the certificate is not trusted')));
    });
  }
}
