/** When the lists below were last compared with what the services document. */
export const PRESETS_DATE = '2026-11-21';

// Update, telemetry, package and skill-marketplace hosts are left out on purpose: plugins come with the installation.
const PRESETS = {
  anthropic: ['api.anthropic.com'],
  openai: ['api.openai.com'],
  'openai-oauth': ['auth.openai.com', 'chatgpt.com'],
  google: ['generativelanguage.googleapis.com'],
  openrouter: ['openrouter.ai'],
  xai: ['api.x.ai'],
  telegram: ['api.telegram.org'],
  discord: ['discord.com', 'gateway.discord.gg', '*.discord.gg', 'cdn.discordapp.com', 'media.discordapp.net'],
  whatsapp: ['web.whatsapp.com', '*.whatsapp.net'],
  slack: ['slack.com', 'wss-primary.slack.com', 'wss-backup.slack.com', 'files.slack.com'],
  brave: ['api.search.brave.com'],
  elevenlabs: ['api.elevenlabs.io'],
  deepgram: ['api.deepgram.com'],
} as const;

/** The names that `{ preset: NAME }` knows, sorted. */
export const presetNames: readonly string[] = Object.keys(PRESETS).toSorted();

/** The hosts a service needs, all on port 443; undefined when there is no such preset. */
export function presetRules(name: string): readonly { readonly host: string; readonly port: number }[] | undefined {
  const entry = Object.entries(PRESETS).find(([key]) => key === name);
  return entry?.[1].map((host) => ({ host, port: 443 }));
}

/** The preset that has this host, on port 443; undefined: none has. */
export function presetOf(host: string): string | undefined {
  return presetNames.find((name) =>
    presetRules(name)?.some((rule) => (rule.host.startsWith('*.') ? host.endsWith(rule.host.slice(1)) : rule.host === host)),
  );
}
