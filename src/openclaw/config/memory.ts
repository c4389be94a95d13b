import type { Json } from '../../core/json.ts';
import type { InsidePaths } from '../inside-paths.ts';
import { NO_KEY, providerApi, routeUrl } from './providers.ts';
import { fileRef, secretFile } from './secret-refs.ts';

/** Who makes the vectors that memory is searched by; `secret` as for a model: without it the gate has the key. */
export type MemorySearch = { readonly search: { readonly provider: 'openai'; readonly secret?: string } };

/** The file with the key; a name of OpenClaw's. */
const MEMORY_KEY_REF = 'memory_key';

// OpenClaw's default of today. Another one would make the index that is there unusable, so that it stands here.
const MODEL = 'text-embedding-3-small';

/** `memory` of openclaw.json. */
export function memorySection(memory: MemorySearch | undefined, inside: InsidePaths): Json {
  if (!memory) return { search: { enabled: false } };
  const { provider, secret } = memory.search;
  const { host, path } = providerApi(provider);
  return {
    search: {
      enabled: true,
      provider,
      model: MODEL,
      // With an address of its own: nothing of the provider is configured for the agent's turns, unless it is its model's.
      remote: {
        baseUrl: `${secret === undefined ? routeUrl(provider, inside) : `https://${host}`}${path}`,
        apiKey: secret === undefined ? NO_KEY : fileRef(MEMORY_KEY_REF),
      },
      // On by default, and then whole conversations are sent too, not notes alone.
      rememberAcrossConversations: false,
    },
  };
}

/** The entry of `secrets.providers` that it refers to. */
export function memorySecrets(memory: MemorySearch | undefined, inside: InsidePaths): Readonly<Record<string, Json>> {
  const secret = memory?.search.secret;
  return secret === undefined ? {} : { [MEMORY_KEY_REF]: secretFile(secret, inside) };
}
