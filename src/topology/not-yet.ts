import { type KeyPath, type Mistake, pathText } from './mistake.ts';

type Known = { readonly at: RegExp; readonly value?: RegExp; readonly what: string; readonly cause: string; readonly change: string };

/** Keys and values that are meaningful and that this version refuses: a better answer than `unknown key`. */
const KNOWN: readonly Known[] = [
  {
    ...later(
      /^(gateways|nodes)\.[^.]+\.runtime$/,
      'this version runs services in containers or as local processes',
      'write runtime: docker',
    ),
    value: /^native$/,
  },
  later(
    /^gateways\.[^.]+\.channels\.(discord|slack|whatsapp|signal|matrix|imessage)$/,
    'this version sets up Telegram and A2A and no other channel',
    'remove this key',
  ),
  later(
    /^gateways\.[^.]+\.channels\.a2a\.callers$/,
    'OpenClaw keeps the tokens of those who may ask it as plain text in its configuration, and this version writes none there',
    'remove this key',
  ),
  {
    ...later(/^nodes\.[^.]+\.link(\.type)?$/, 'this version links hosts through a tunnel of ssh', 'write ssh-tunnel'),
    value: /^(tailscale|tls)$/,
  },
  {
    at: /^egress\.(allow|deny)\[\d+\]\.for$/,
    what: 'a file cannot say for how long',
    cause: 'a duration would begin anew each time the file is read',
    change: 'write until: with a moment such as 2026-12-31T18:00:00Z, or use: npx lobsterpot egress allow HOST --for 1h; remove for',
  },
];

/** What to say about a key or a value that a later version takes, or that belongs elsewhere. */
export function knownElsewhere(path: KeyPath, value: unknown): Omit<Mistake, 'path'> | undefined {
  const text = pathText(path);
  const match = KNOWN.find((one) => one.at.test(text) && (one.value === undefined || (typeof value === 'string' && one.value.test(value))));
  return match && { code: 'not-yet', what: match.what, cause: match.cause, change: match.change };
}

function later(at: RegExp, cause: string, change: string): Known {
  return { at, what: 'not supported by this version yet', cause, change };
}
