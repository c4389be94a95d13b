/** A model provider that lobsterpot configures by itself. */
export type Provider = 'anthropic' | 'openai' | 'openrouter' | 'google';

/** How OpenClaw speaks to a provider. */
export type ProviderApi = { readonly api: string; readonly baseUrl: string };

// `api` is given always: without it background calls went out in another provider's dialect.
const PROVIDERS = {
  anthropic: { api: 'anthropic-messages', baseUrl: 'https://api.anthropic.com' },
  openai: { api: 'openai-responses', baseUrl: 'https://api.openai.com/v1' },
  openrouter: { api: 'openai-completions', baseUrl: 'https://openrouter.ai/api/v1' },
  google: { api: 'google-generative-ai', baseUrl: 'https://generativelanguage.googleapis.com/v1beta' },
} as const satisfies Record<Provider, ProviderApi>;

/** The wire dialect and address of a provider. */
export function providerApi(provider: Provider): ProviderApi {
  return PROVIDERS[provider];
}
