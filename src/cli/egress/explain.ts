import { describePlace, explainEgress, type Explanation } from '../../audit/egress-operations.ts';
import { summariseHost } from '../../audit/index/sum-index.ts';
import type { Engine } from '../../converge/engine.ts';
import { formatDuration } from '../../core/duration.ts';
import type { ExitCode } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { table, type Io } from '../io.ts';
import { askGates, tellUnchecked, uncheckedPart } from './gates.ts';
import { clientsOf, splitPort } from './place.ts';
import { formatBytes } from './values.ts';

/** `egress explain`: who asked for a host, how often, which rule decides, and what to type. */
export async function explainHost(io: Io, engine: Engine, text: string, options: { readonly json?: boolean }): Promise<ExitCode> {
  const [host, port] = splitPort(text);
  const clients = await clientsOf(engine);
  const { answers, unchecked } = await askGates(engine, undefined, (gate) => {
    const here = clients.filter((one) => one.host === gate.host).map((one) => one.name);
    return explainEgress(gate, { host, port, clients: here }, (name) => gate.indexed((index) => summariseHost(index, name)));
  });
  const explained = asOne(answers);
  if (options.json === true) io.out(stableJson({ ...explained, ...uncheckedPart(unchecked) }));
  else io.out(explanationText(explained, Date.now()));
  return tellUnchecked(io, unchecked);
}

/** What `explain` says to a person. */
export function explanationText(explained: Explanation, nowMs: number): string {
  const seen = explained.seen.map((one) => [
    'seen',
    one.client,
    one.reason === 'dns-question' ? `${one.denied} questions by DNS` : `${one.allowed} allowed, ${one.denied} denied`,
    `since ${formatDuration(Math.max(0, nowMs - one.firstMs))}, last ${formatDuration(Math.max(0, nowMs - one.lastMs))} ago`,
    one.up + one.down === 0 ? '' : `${formatBytes(one.up)} up, ${formatBytes(one.down)} down`,
  ]);
  const now = explained.now.map((one) => [
    'now',
    one.client,
    one.verdict.allowed ? 'allowed' : 'denied',
    plainText(`${one.verdict.reason} ${one.verdict.rule ?? ''}`, 160),
  ]);
  const next = explained.next === undefined ? 'no rule opens it\n' : `to change it: ${explained.next}\n`;
  return `${describePlace(explained)}\n${table([...(seen.length === 0 ? [['seen', 'never asked for']] : seen), ...now])}${next}`;
}

/** Every gate explains what goes through it; together it is one explanation. */
function asOne(all: readonly Explanation[]): Explanation {
  const [first] = all;
  if (!first) throw new TypeError('a deployment has at least one gate');
  return { ...first, now: all.flatMap((one) => one.now), seen: all.flatMap((one) => one.seen) };
}
