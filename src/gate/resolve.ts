import { Resolver } from 'node:dns/promises';
import { isRecord } from '../core/json.ts';

/** All addresses of a name, IPv4 first, and for how long they hold; or why there are none. */
export type Resolved = { readonly addresses: readonly string[]; readonly ttlMs: number } | { readonly failed: string };

export type ResolveOptions = { readonly timeoutMs: number; readonly servers?: readonly string[] };

const AAAA_GRACE_MS = 300;

/**
 * Asks the resolvers for both families; `servers` undefined: those of the system, read afresh each time.
 * Once there is an IPv4 answer, IPv6 is waited for a moment only: some home routers never answer AAAA.
 */
export async function resolveName(name: string, options: ResolveOptions): Promise<Resolved> {
  const resolver = new Resolver({ timeout: Math.max(1, Math.ceil(options.timeoutMs / 4)), tries: 2 });
  if (options.servers) resolver.setServers(options.servers);
  const ipv4 = ask(resolver.resolve4(name, { ttl: true }));
  const ipv6 = ask(resolver.resolve6(name, { ttl: true }));
  const limit = setTimeout(() => resolver.cancel(), options.timeoutMs);
  try {
    const first = await ipv4;
    const grace = first.records.length > 0 ? setTimeout(() => resolver.cancel(), AAAA_GRACE_MS) : undefined;
    const second = await ipv6;
    clearTimeout(grace);
    const records = [...first.records, ...second.records];
    if (records.length === 0) return { failed: first.code ?? second.code ?? 'no address' };
    return { addresses: [...new Set(records.map((one) => one.address))], ttlMs: Math.min(...records.map((one) => one.ttl)) * 1000 };
  } finally {
    clearTimeout(limit);
  }
}

type Answer = { readonly records: readonly { readonly address: string; readonly ttl: number }[]; readonly code?: string };

function ask(question: Promise<readonly { readonly address: string; readonly ttl: number }[]>): Promise<Answer> {
  return question.then(
    (records) => ({ records }),
    (error: unknown) => ({ records: [], code: isRecord(error) && typeof error['code'] === 'string' ? error['code'] : 'failed' }),
  );
}

type Kept = { readonly resolved: Promise<Resolved>; answer: Resolved | undefined; untilMs: number };

const MAX_KEPT = 500;
const LONGEST_MS = 5000;

/**
 * The same question at the same time is asked once, and its answer is used again for a few seconds, never longer than
 * it holds. Every connection still checks every address, so a kept answer opens nothing.
 */
export class NameCache {
  readonly #options: ResolveOptions;
  readonly #kept = new Map<string, Kept>();

  /** Throws when a server of the options is no address. */
  constructor(options: ResolveOptions) {
    if (options.servers) new Resolver().setServers(options.servers);
    this.#options = options;
  }

  /** The answer, at once where it is kept. */
  resolve(name: string): Resolved | Promise<Resolved> {
    const kept = this.#kept.get(name);
    if (kept && performance.now() < kept.untilMs) return kept.answer ?? kept.resolved;
    const resolved = resolveName(name, this.#options);
    const entry: Kept = { resolved, answer: undefined, untilMs: Number.POSITIVE_INFINITY };
    this.#kept.set(name, entry);
    const settle = (answer: Resolved | undefined): void => {
      entry.answer = answer;
      entry.untilMs = performance.now() + (answer && 'addresses' in answer ? Math.min(answer.ttlMs, LONGEST_MS) : 0);
    };
    resolved.then(settle, () => settle(undefined));
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return resolved;
  }
}
