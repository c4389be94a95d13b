import type { InsidePaths } from '../inside-paths.ts';

/** A model provider that lobsterpot configures by itself. */
export type Provider = 'anthropic' | 'openai' | 'openrouter' | 'google';

/** How OpenClaw speaks to a provider, itself or by a route: `path` is what follows the host, there too. */
export type ProviderApi = { readonly api: string; readonly host: string; readonly path: string };

// `api` is given always: without it background calls went out in another provider's dialect.
const PROVIDERS = {
  anthropic: { api: 'anthropic-messages', host: 'api.anthropic.com', path: '' },
  openai: { api: 'openai-responses', host: 'api.openai.com', path: '/v1' },
  openrouter: { api: 'openai-completions', host: 'openrouter.ai', path: '/api/v1' },
  google: { api: 'google-generative-ai', host: 'generativelanguage.googleapis.com', path: '/v1beta' },
} as const satisfies Record<Provider, ProviderApi>;

/** The wire dialect and address of a provider. */
export function providerApi(provider: Provider): ProviderApi {
  return PROVIDERS[provider];
}

/** What stands where OpenClaw insists on a key and has none: it is not a secret, and opens nothing. */
export const NO_KEY = 'held-by-the-gate';

/** Where a route of the gate begins, seen from inside. */
export function routeUrl(name: string, inside: InsidePaths): string {
  return `http://127.0.0.1:${inside.proxyPort}/${name}`;
}
