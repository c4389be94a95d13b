import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { describePlace } from '../../audit/egress-operations.ts';
import { placeTotals } from '../../audit/index/sum-index.ts';
import { redecide, type Redecided } from '../../audit/replay.ts';
import type { Engine } from '../../converge/engine.ts';
import { formatDuration } from '../../core/duration.ts';
import { EXIT, type ExitCode } from '../../core/exit-code.ts';
import { stableJson } from '../../core/json.ts';
import { plainText } from '../../core/plain-text.ts';
import { Problem } from '../../core/problem.ts';
import { NO_OVERRIDES, parseOverrides, withOverrides } from '../../policy/overrides.ts';
import type { EgressPolicy } from '../../policy/policy.ts';
import { parsePolicy } from '../../policy/policy-file.ts';
import { loadDeployment } from '../../topology/load.ts';
import { red, table, type Io } from '../io.ts';
import { askGates, tellUnchecked, uncheckedPart } from './gates.ts';
import { findClient } from './place.ts';
import { sinceMs } from './values.ts';

export type ReplayOptions = { readonly json?: boolean; readonly since?: string; readonly client?: string };

/** `egress replay`: which recorded attempts another file, or another policy, would decide otherwise. Exit 2 when there are any. */
export async function egressReplay(io: Io, engine: Engine, path: string, options: ReplayOptions): Promise<ExitCode> {
  const candidate = await candidateIn(path);
  const client = await findClient(engine, options.client);
  const since = sinceMs(options.since, 'replay FILE');
  const nowMs = Date.now();
  const { answers, unchecked } = await askGates(engine, client, async (gate) => {
    const overrides = parseOverrides((await gate.readOverrides()) ?? JSON.stringify(NO_OVERRIDES));
    // What operators said stands before the file, whichever it is.
    const policy = withOverrides(candidate, 'invalid' in overrides ? NO_OVERRIDES : overrides, nowMs);
    const totals = await gate.indexed((index) => placeTotals(index, since));
    const asked = totals.filter((one) => client === undefined || one.client === client.name);
    return { attempts: asked.reduce((sum, one) => sum + one.allowed + one.denied, 0), changed: redecide(policy, asked, nowMs) };
  });
  const attempts = answers.reduce((sum, one) => sum + one.attempts, 0);
  const changed = answers.flatMap((one) => one.changed);
  if (options.json === true) io.out(stableJson({ attempts, changed, ...uncheckedPart(unchecked) }));
  else io.out(replayText(io, { attempts, changed }, nowMs));
  return tellUnchecked(io, unchecked, changed.length === 0 ? EXIT.ok : EXIT.changes);
}

/** What `replay` says to a person: one line a host, port and client. */
export function replayText(
  io: Io,
  { attempts, changed }: { readonly attempts: number; readonly changed: readonly Redecided[] },
  nowMs: number,
): string {
  if (changed.length === 0) return `of ${attempts} recorded attempts, all would be decided as they were\n`;
  const count = changed.reduce((sum, one) => sum + one.count, 0);
  const rows = changed.map(({ becomes, was, client, lastMs, verdict, ...one }) => [
    describePlace(one),
    client,
    String(one.count),
    `${was} -> ${becomes === 'denied' ? red(io, becomes) : becomes === 'reported' ? 'passes in report mode alone' : becomes}`,
    `last ${formatDuration(Math.max(0, nowMs - lastMs))} ago`,
    plainText(`${verdict.reason} ${verdict.rule ?? ''}`.trim(), 120),
  ]);
  return `${table([['host', 'asked by', 'times', 'would change', '', 'because'], ...rows])}${count} of ${attempts} recorded attempts would be decided otherwise\n`;
}

/** A deployment's file, or a policy as the gate reads it. */
async function candidateIn(path: string): Promise<EgressPolicy> {
  const text = await readFile(resolve(path), 'utf8').catch(() => '');
  if (!text.trimStart().startsWith('{') || !text.includes('"version"')) return loadDeployment(path).egress;
  const policy = parsePolicy(text);
  if (!('invalid' in policy)) return policy;
  throw new Problem('egress/policy', `${path} is no policy`, {
    cause: policy.invalid,
    fix: 'name a lobsterpot.yaml, or a policy.json of a gate',
    exit: EXIT.usage,
  });
}
