import type { Json } from '../../core/json.ts';
import type { InsidePaths } from '../inside-paths.ts';
import { NO_KEY, routeUrl } from './providers.ts';
import { fileRef, secretFile } from './secret-refs.ts';

/** Where people may write to an agent; `secret` is the name of the file below /secrets that holds the token; without it the gate has it. */
export type Channels = { readonly telegram?: { readonly secret?: string; readonly allowFrom: readonly string[] } };

type Section = Readonly<Record<string, Json>>;

const TELEGRAM_REF = 'telegram_bot_token';

/** `channels` of openclaw.json: who is not listed is not heard, and nobody changes the configuration from a chat. */
export function channelsSection(channels: Channels | undefined, inside: InsidePaths): Section {
  const telegram = channels?.telegram;
  if (!telegram) return {};
  return {
    channels: {
      telegram: {
        enabled: true,
        // A token looks like this; what follows the colon is none.
        ...(telegram.secret === undefined
          ? { botToken: `1:${NO_KEY}`, apiRoot: routeUrl('telegram', inside) }
          : { botToken: fileRef(TELEGRAM_REF) }),
        // The default, `pairing`, answers strangers with a code.
        dmPolicy: 'allowlist',
        allowFrom: [...telegram.allowFrom],
        groupPolicy: 'disabled',
        configWrites: false,
        execApprovals: { enabled: false },
      },
    },
  };
}

/** The entries of `secrets.providers` that the channels refer to. */
export function channelSecrets(channels: Channels | undefined, inside: InsidePaths): Section {
  const secret = channels?.telegram?.secret;
  return secret === undefined ? {} : { [TELEGRAM_REF]: secretFile(secret, inside) };
}

/** The plugins that the channels are; all come with OpenClaw. */
export function channelPlugins(channels: Channels | undefined): readonly string[] {
  return channels?.telegram ? ['telegram'] : [];
}
