import type { Usage } from '../usage/usage.ts';

/** Dollars for a million tokens. */
export type Price = { readonly input: number; readonly output: number; readonly cacheRead: number; readonly cacheWrite: number };

/** When the table below was last compared with the list that comes with OpenClaw 2026.9.6. */
export const PRICES_DATE = '2026-11-22';

const of = (input: number, output: number, cacheRead: number, cacheWrite: number): Price => ({ input, output, cacheRead, cacheWrite });

// The dearer step where a price rises with the length, and for writing into a cache at least what reading costs.
const PRICES: Readonly<Record<string, Readonly<Record<string, Price>>>> = {
  anthropic: {
    'claude-opus-5-5': of(4, 20, 0.2, 5),
    'claude-opus-5': of(5, 25, 0.5, 6.25),
    'claude-sonnet-5': of(2, 10, 0.2, 2.5),
    'claude-haiku-4-5': of(1, 5, 0.1, 1.25),
    'claude-fable-5-1': of(10, 50, 0.25, 12.5),
    'claude-fable-5': of(10, 50, 1, 12.5),
    'claude-mythos-5': of(10, 50, 1, 12.5),
  },
  openai: {
    'gpt-6-astra': of(20, 75, 2, 25),
    'gpt-6-sol': of(4, 15, 0.4, 5),
    'gpt-6-luna': of(0.2, 0.75, 0.02, 0.25),
    'gpt-5.6-sol': of(5, 30, 0.5, 6.25),
    'gpt-5.6-terra': of(2.5, 15, 0.25, 3.125),
    'gpt-5.6-luna': of(1, 6, 0.1, 1.25),
    'gpt-5.5-pro': of(30, 180, 30, 30),
    'gpt-5.5': of(5, 30, 0.5, 5),
    'gpt-5.4-pro': of(30, 180, 30, 30),
    'gpt-5.4-mini': of(0.75, 4.5, 0.075, 0.75),
    'gpt-5.4-nano': of(0.2, 1.25, 0.02, 0.2),
    'gpt-5.4': of(2.5, 15, 0.25, 2.5),
    // Not in that list: what several others agree on. Charged for is the text, not the vector.
    'text-embedding-3-small': of(0.02, 0, 0.02, 0.02),
    'text-embedding-3-large': of(0.13, 0, 0.13, 0.13),
    'text-embedding-ada-002': of(0.1, 0, 0.1, 0.1),
  },
};

/** What nobody knows the price of costs this much: dear, so that a budget ends too soon and not too late. */
const UNKNOWN = of(30, 180, 30, 30);

/** The price of a model: the file's own, else the table's, by the longest name that it begins with. */
export function priceOf(provider: string, model: string, own: Readonly<Record<string, Price>> = {}): Price {
  const longest = (from: Readonly<Record<string, Price>>): Price | undefined => {
    const names = Object.keys(from).filter((name) => model === name || model.startsWith(`${name}-`) || model.startsWith(`${name}@`));
    const [name] = names.toSorted((a, b) => b.length - a.length);
    return name === undefined ? undefined : from[name];
  };
  return longest(own) ?? longest(PRICES[provider] ?? {}) ?? dearest(Object.values(PRICES[provider] ?? {}));
}

/** A model that the table does not know costs what the dearest one of its provider does. */
function dearest(prices: readonly Price[]): Price {
  const most = (key: keyof Price): number => (prices.length === 0 ? UNKNOWN[key] : Math.max(...prices.map((one) => one[key])));
  return { input: most('input'), output: most('output'), cacheRead: most('cacheRead'), cacheWrite: most('cacheWrite') };
}

/** What an answer cost, in dollars: what the provider says itself, else by its price. */
export function costOf(usage: Usage, price: Price): number {
  if (usage.usd !== undefined) return usage.usd;
  const { input, output, cacheRead, cacheWrite } = usage;
  return (input * price.input + output * price.output + cacheRead * price.cacheRead + cacheWrite * price.cacheWrite) / 1e6;
}
