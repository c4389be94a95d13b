import { plainText } from '../core/plain-text.ts';
import { NODE_READY_LINE } from './config/commands.ts';

/** How many of a node's last lines are enough to find why it is away. */
export const AWAY_LINES = 40;

/** Why a node is not with its gateway, from the last lines of its log, which are untrusted text; undefined when they do not tell. Pure. */
export function whyAway(lines: readonly string[]): string | undefined {
  const since = lines.slice(lines.findLastIndex((line) => line.includes(NODE_READY_LINE)) + 1);
  const said = since.flatMap((line) => /connect failed: (.+)/.exec(line)?.[1] ?? []).at(-1);
  if (said === undefined) return undefined;
  return /device token mismatch|pairing required|not paired/i.test(said)
    ? 'its gateway refuses its identity: lobsterpot plan'
    : plainText(said, 200);
}
