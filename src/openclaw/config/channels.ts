import type { Json } from '../../core/json.ts';
import type { InsidePaths } from '../inside-paths.ts';
import { NO_KEY, routeUrl } from './providers.ts';
import { fileRef, secretFile } from './secret-refs.ts';

/**
 * Where people may write to an agent, and which other agents it may ask. `secret` is the name of the file below /secrets
 * that holds the token; without it the gate has it, as it has those of all peers: `route` is the gate's name for one, `path` what follows.
 */
export type Channels = {
  readonly telegram?: { readonly secret?: string; readonly allowFrom: readonly string[] };
  readonly a2a?: { readonly peers: readonly { readonly name: string; readonly route: string; readonly path: string }[] };
};

type Section = Readonly<Record<string, Json>>;

const TELEGRAM_REF = 'telegram_bot_token';

/** `channels` of openclaw.json: who is not listed is not heard, and nobody changes the configuration from a chat. */
export function channelsSection(channels: Channels | undefined, inside: InsidePaths): Section {
  const { telegram, a2a } = channels ?? {};
  const sections = {
    ...(telegram ? { telegram: telegramSection(telegram, inside) } : {}),
    ...(a2a ? { a2a: a2aSection(a2a, inside) } : {}),
  };
  return Object.keys(sections).length === 0 ? {} : { channels: sections };
}

function telegramSection(telegram: NonNullable<Channels['telegram']>, inside: InsidePaths): Json {
  return {
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
  };
}

/**
 * What stands where OpenClaw insists on a token that a peer would come with, in a field of its request. No field of HTTP
 * can hold two lines, and OpenClaw takes for a token only what has no blank in it: nothing that can be sent is equal to this.
 */
export const NO_CALLER = 'nobody\nmay ask';

/** The channel is two-way: its outward half leads to the routes of the gate, its inward half is closed. */
function a2aSection({ peers }: NonNullable<Channels['a2a']>, inside: InsidePaths): Json {
  return {
    enabled: true,
    configWrites: false,
    // Its card is told to whoever asks; without this it lists every agent.
    exposeAgents: ['none'],
    peers: Object.fromEntries(peers.map(({ name, route, path }) => [name, { token: NO_CALLER, url: `${routeUrl(route, inside)}${path}` }])),
  };
}

/** The entries of `secrets.providers` that the channels refer to. */
export function channelSecrets(channels: Channels | undefined, inside: InsidePaths): Section {
  const secret = channels?.telegram?.secret;
  return secret === undefined ? {} : { [TELEGRAM_REF]: secretFile(secret, inside) };
}

/** The plugins that the channels are; all come with OpenClaw. */
export function channelPlugins(channels: Channels | undefined): readonly string[] {
  return [...(channels?.a2a ? ['a2a'] : []), ...(channels?.telegram ? ['telegram'] : [])];
}
