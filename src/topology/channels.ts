import { isRecord } from '../core/json.ts';
import type { Rule } from '../policy/policy.ts';
import type { ChannelsEntry, GatewayEntry } from './deployment.ts';
import { clientPreset } from './egress-rules.ts';
import type { Mistake } from './mistake.ts';
import { checkPeers, peerRules, readPeers } from './peers.ts';
import type { GatewayInput } from './schema.ts';

/** `{ channels }` of a gateway as the file gives them; nothing when it names none. */
export function readChannels(input: GatewayInput['channels']): Pick<GatewayEntry, 'channels'> {
  const peers = readPeers(input?.a2a?.peers ?? {});
  const channels = { ...(input?.telegram ? { telegram: input.telegram } : {}), ...(peers.length === 0 ? {} : { a2a: { peers } }) };
  return Object.keys(channels).length === 0 ? {} : { channels };
}

/** The rules that a gateway needs for its channels, for that gateway alone. */
export function channelRules(channels: ChannelsEntry | undefined, client: string): readonly Rule[] {
  return [...(channels?.telegram ? clientPreset('telegram', client) : []), ...peerRules(channels?.a2a?.peers ?? [], client)];
}

/** The secrets of the operator that a gateway needs, each once: the keys of its model and its memory, and the tokens of its channels and its peers. */
export function gatewaySecrets(gateway: GatewayEntry): readonly string[] {
  const { model, memory, channels } = gateway;
  return [
    ...new Set([
      ...(model ? [model.apiKey.secret] : []),
      ...(memory ? [memory.search.apiKey.secret] : []),
      ...(channels?.telegram ? [channels.telegram.botToken.secret] : []),
      ...(channels?.a2a?.peers ?? []).map(({ token }) => token.secret),
    ]),
  ];
}

/** One bot of two gateways, and what is wrong with peers. Reads the file without the schema, so that all mistakes are told in one pass. */
export function checkChannels(file: unknown): readonly Mistake[] {
  const users = new Map<string, string>();
  const mistakes: Mistake[] = [];
  for (const [gateway, entry] of Object.entries(record(record(file)['gateways']))) {
    const { secret } = record(record(record(record(entry)['channels'])['telegram'])['botToken']);
    if (typeof secret !== 'string') continue;
    const other = users.get(secret);
    if (other === undefined) users.set(secret, gateway);
    else {
      mistakes.push({
        code: 'duplicate',
        path: ['gateways', gateway, 'channels', 'telegram', 'botToken', 'secret'],
        what: `gateway ${other} has this bot too`,
        cause: 'Telegram hands each message of a bot to one reader, so that two would take them from each other',
        change: 'make a second bot with @BotFather and name another secret here',
      });
    }
  }
  return [...mistakes, ...checkPeers(file)];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
