import type { Provider } from '../provider.ts';
import { NO_USAGE, type Usage } from '../usage/usage.ts';
import { costOf, type Price, priceOf } from './prices.ts';

/** What one request is charged with. */
export type Metered = { readonly tokens: number; readonly usd: number };

// English text has about four bytes a token; the framing of a stream makes the bytes many more, so that this is the upper end.
const BYTES_A_TOKEN = 4;

/** Does an answer of this provider cost tokens and dollars, which it tells? */
export function costsMoney({ usage }: Provider): boolean {
  return usage !== 'none' && usage !== 'requests';
}

/**
 * What a request took. Where the provider's last word is missing (the client broke off, or it told nothing) the bytes are
 * taken for it: else whoever leaves just before the end would write for nothing. Undefined: nothing that is charged for.
 */
export function meter(
  provider: Provider,
  usage: Usage | undefined,
  seen: { readonly status: number; readonly up: number; readonly down: number },
  own?: Readonly<Record<string, Price>>,
): Metered | undefined {
  if (!costsMoney(provider)) return undefined;
  // An answer that is no success costs nothing. None at all may have been on its way.
  if (seen.status >= 300) return { tokens: 0, usd: 0 };
  const known = usage ?? { ...NO_USAGE, input: Math.ceil(seen.up / BYTES_A_TOKEN) };
  const whole = known.isFinal ? known : { ...known, output: Math.max(known.output, Math.ceil(seen.down / BYTES_A_TOKEN)) };
  const tokens = whole.input + whole.cacheRead + whole.cacheWrite + whole.output;
  // To a millionth of a dollar: sums of many stay readable.
  return { tokens, usd: Math.ceil(costOf(whole, priceOf(provider.name, whole.model, own)) * 1e6) / 1e6 };
}
