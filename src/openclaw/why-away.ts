import { plainText } from '../core/plain-text.ts';
import { NODE_READY_LINE } from './config/commands.ts';

/** How many of a node's last lines are enough to find why it is away. */
export const AWAY_LINES = 40;

// OpenClaw 2026.9: a connection is signed with the node's clock, and more than two minutes beside the gateway's it is refused.
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [
    /device signature expired|device-signature-stale|SIGNATURE_EXPIRED/i,
    'its clock and that of its gateway differ by more than 2 minutes: lobsterpot doctor',
  ],
  [/device token mismatch|pairing required|not paired/i, 'its gateway refuses its identity: lobsterpot plan'],
];

/** Why a node is not with its gateway, from the last lines of its log, which are untrusted text; undefined when they do not tell. Pure. */
export function whyAway(lines: readonly string[]): string | undefined {
  const since = lines.slice(lines.findLastIndex((line) => line.includes(NODE_READY_LINE)) + 1);
  const said = since.flatMap((line) => /connect failed: (.+)/.exec(line)?.[1] ?? []).at(-1);
  if (said === undefined) return undefined;
  return KNOWN.find(([words]) => words.test(said))?.[1] ?? plainText(said, 200);
}
