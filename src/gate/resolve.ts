import { Resolver } from 'node:dns/promises';
import { isRecord } from '../core/json.ts';

/** All addresses of a name, IPv4 first, or why there are none. */
export type Resolved = { readonly addresses: readonly string[] } | { readonly failed: string };

const AAAA_GRACE_MS = 300;

/**
 * Asks the resolvers for both families; `servers` undefined: those of the system, read afresh each time.
 * Once there is an IPv4 answer, IPv6 is waited for a moment only: some home routers never answer AAAA.
 */
export async function resolveName(
  name: string,
  options: { readonly timeoutMs: number; readonly servers?: readonly string[] },
): Promise<Resolved> {
  const resolver = new Resolver({ timeout: Math.max(1, Math.ceil(options.timeoutMs / 4)), tries: 2 });
  if (options.servers) resolver.setServers(options.servers);
  const ipv4 = ask(resolver.resolve4(name));
  const ipv6 = ask(resolver.resolve6(name));
  const limit = setTimeout(() => resolver.cancel(), options.timeoutMs);
  try {
    const first = await ipv4;
    const grace = first.addresses.length > 0 ? setTimeout(() => resolver.cancel(), AAAA_GRACE_MS) : undefined;
    const second = await ipv6;
    clearTimeout(grace);
    const addresses = [...new Set([...first.addresses, ...second.addresses])];
    return addresses.length > 0 ? { addresses } : { failed: first.code ?? second.code ?? 'no address' };
  } finally {
    clearTimeout(limit);
  }
}

type Answer = { readonly addresses: readonly string[]; readonly code?: string };

function ask(question: Promise<string[]>): Promise<Answer> {
  return question.then(
    (addresses) => ({ addresses }),
    (error: unknown) => ({ addresses: [], code: isRecord(error) && typeof error['code'] === 'string' ? error['code'] : 'failed' }),
  );
}
