import { isRecord } from '../core/json.ts';
import type { Rule } from '../policy/policy.ts';
import type { PeerEntry } from './deployment.ts';
import type { KeyPath, Mistake } from './mistake.ts';
import { readPeerUrl } from './peer-url.ts';
import type { GatewayInput } from './schema.ts';

type PeersInput = NonNullable<NonNullable<GatewayInput['channels']>['a2a']>['peers'];

/** The peers that a valid file names, in its order. */
export function readPeers(peers: PeersInput): readonly PeerEntry[] {
  return Object.entries(peers).flatMap(([name, { url, token, budget }]) => {
    const at = readPeerUrl(url);
    return 'message' in at ? [] : [{ name, ...at, token, ...(budget ? { budget } : {}) }];
  });
}

/** The rules that a gateway needs for its peers, for that gateway alone. */
export function peerRules(peers: readonly PeerEntry[], client: string): readonly Rule[] {
  return peers.map(({ name, host, port }) => ({ host, port, client, source: `a2a peer ${name}` }));
}

/** What is wrong with the peers. Reads the file without the schema, so that all mistakes are told in one pass. */
export function checkPeers(file: unknown): readonly Mistake[] {
  const gateways = Object.entries(record(record(file)['gateways'])).map(([name, one]) => ({ name, entry: record(one) }));
  const placed = gateways.flatMap(({ name, entry }) => peersOf(name, entry));
  return [
    ...gateways.flatMap(({ name, entry }) => withoutRoute(name, entry)),
    ...placed.flatMap(({ path, url }) => wrongUrl(path, url)),
    ...sharedTokens(gateways, placed),
  ];
}

type Placed = { readonly path: KeyPath; readonly url: unknown; readonly secret: unknown };

function peersOf(gateway: string, entry: Readonly<Record<string, unknown>>): readonly Placed[] {
  const peers = record(record(record(entry['channels'])['a2a'])['peers']);
  return Object.entries(peers).map(([name, one]) => ({
    path: ['gateways', gateway, 'channels', 'a2a', 'peers', name],
    url: record(one)['url'],
    secret: record(record(one)['token'])['secret'],
  }));
}

function withoutRoute(gateway: string, entry: Readonly<Record<string, unknown>>): readonly Mistake[] {
  if (!isRecord(record(entry['channels'])['a2a']) || entry['credentials'] === 'route') return [];
  return [
    {
      code: 'value',
      path: ['gateways', gateway, 'channels', 'a2a'],
      atKey: true,
      what: 'OpenClaw would hold the tokens of its peers as plain text',
      cause: 'its configuration takes no reference to a secret there; a route of the gate adds the token instead',
      change: `write credentials: route for gateway ${gateway}, or remove a2a`,
    },
  ];
}

function wrongUrl(path: KeyPath, url: unknown): readonly Mistake[] {
  // What is no text, or none that fits, is the schema's to complain about.
  if (typeof url !== 'string' || url === '' || url.length > 1024) return [];
  const read = readPeerUrl(url);
  if (!('message' in read)) return [];
  return [{ code: 'value', path: [...path, 'url'], what: 'no other agent can be asked there', cause: read.message, change: read.fix }];
}

/** A token is sent to whoever is asked: one that opens something else as well would be given away. */
function sharedTokens(
  gateways: readonly { readonly name: string; readonly entry: Readonly<Record<string, unknown>> }[],
  placed: readonly Placed[],
): readonly Mistake[] {
  const others = gateways.flatMap(({ name, entry }) => [
    { secret: record(record(entry['model'])['apiKey'])['secret'], of: `the model of gateway ${name}` },
    {
      secret: record(record(record(entry['channels'])['telegram'])['botToken'])['secret'],
      of: `the bot of gateway ${name}`,
    },
  ]);
  return placed.flatMap(({ path, url, secret }, index): readonly Mistake[] => {
    if (typeof secret !== 'string') return [];
    const elsewhere = placed.slice(0, index).find((one) => one.secret === secret && originOf(one.url) !== originOf(url));
    const of = others.find((one) => one.secret === secret)?.of ?? (elsewhere && `peer ${String(elsewhere.path.at(-1))}`);
    if (of === undefined) return [];
    return [
      {
        code: 'duplicate',
        path: [...path, 'token', 'secret'],
        what: `${of} has this secret too`,
        cause: 'each of them would be shown the key of the other',
        change: 'name a secret of its own here',
      },
    ];
  });
}

function originOf(url: unknown): string | undefined {
  const read = typeof url === 'string' ? readPeerUrl(url) : undefined;
  return read && !('message' in read) ? `${read.host}:${read.port}` : undefined;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
