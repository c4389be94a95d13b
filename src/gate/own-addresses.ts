import { networkInterfaces } from 'node:os';
import { formatAddress, parseAddress } from '../policy/address.ts';

const FRESH_MS = 1000;

/** The addresses of the host that the gate runs on, read again when older than a second. */
export class OwnAddresses {
  #addresses: ReadonlySet<string> = new Set();
  #readAtMs = Number.NEGATIVE_INFINITY;

  now(): ReadonlySet<string> {
    if (performance.now() - this.#readAtMs < FRESH_MS) return this.#addresses;
    this.#readAtMs = performance.now();
    const found = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    this.#addresses = new Set(found.map(({ address }) => canonical(address)));
    return this.#addresses;
  }
}

function canonical(text: string): string {
  const address = parseAddress(text);
  return address === undefined || address === 'broken' ? text : formatAddress(address);
}
