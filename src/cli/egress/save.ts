import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { describePlace } from '../../audit/egress-operations.ts';
import { EXIT } from '../../core/exit-code.ts';
import { canonicalJson } from '../../core/json.ts';
import { Problem } from '../../core/problem.ts';
import type { Rule } from '../../policy/policy.ts';
import type { Deployment } from '../../topology/deployment.ts';
import { parseDeployment } from '../../topology/parse-deployment.ts';
import { addAllowed, type FileRule } from './edit-allow.ts';

/** The file with one rule more, and what of it differs; `diff` is empty when the file says it already. */
export type Saving = { readonly text: string; readonly diff: readonly string[] };

/**
 * Adds a rule to the text of a deployment's file at `path`, and reads the result: it must allow exactly that more and be the same
 * otherwise. `service`: the client as rules name it. Throws a Problem where that cannot be done, and says what to write by hand.
 */
export function savingOf(text: string, path: string, rule: FileRule, service: string | undefined): Saving {
  const read = (one: string): Deployment =>
    parseDeployment(one, { file: path, readFile: (named) => readFileSync(resolve(dirname(path), named)) });
  const before = read(text);
  const wanted = {
    host: rule.host,
    port: rule.port,
    ...(service === undefined ? {} : { client: service }),
    ...(rule.until === undefined ? {} : { until: rule.until }),
  };
  if (before.egress.allow.some((one) => keyOf(one) === keyOf(wanted))) return { text, diff: [] };
  const after = addAllowed(text, rule);
  if (after === undefined) throw byHand(path, rule, 'the list is written in a way that cannot be added to without changing more of it');
  const fault = moreThan(before, readOrUndefined(read, after), wanted);
  if (fault !== undefined) throw byHand(path, rule, fault);
  return { text: after, diff: lineDiff(text, after) };
}

type Wanted = Pick<Rule, 'host' | 'port' | 'client' | 'until'>;

/** What a changed file does beyond allowing one thing more; undefined: nothing. Pure. */
export function moreThan(before: Deployment, after: Deployment | undefined, wanted: Wanted): string | undefined {
  if (!after) return 'the file could not be read with the rule in it';
  const [was, is] = [new Set(before.egress.allow.map(keyOf)), new Set(after.egress.allow.map(keyOf))];
  const added = [...is].filter((one) => !was.has(one));
  if (added.length !== 1 || added[0] !== keyOf(wanted)) return 'with the rule in it, the file would allow something else';
  if ([...was].some((one) => !is.has(one))) return 'with the rule in it, another rule would be gone';
  const rest = (one: Deployment): string => canonicalJson({ ...one, egress: { ...one.egress, allow: [] } });
  return rest(before) === rest(after) ? undefined : 'with the rule in it, something else of the file would mean something else';
}

function keyOf({ host, port, client, until }: Wanted): string {
  return JSON.stringify([host, port, client, until]);
}

function readOrUndefined(read: (text: string) => Deployment, text: string): Deployment | undefined {
  try {
    return read(text);
  } catch {
    return undefined;
  }
}

function byHand(path: string, rule: FileRule, cause: string): Problem {
  return new Problem('egress/save', `the rule was not written into ${path}`, {
    cause,
    fix: `add under egress.allow: ${describePlace(rule)} ; then run: lobsterpot up`,
    exit: EXIT.usage,
  });
}

/** The lines that differ between two texts which are the same before and behind one place, with their numbers. Pure. */
export function lineDiff(before: string, after: string): readonly string[] {
  const [old, now] = [before.split(/\r?\n/), after.split(/\r?\n/)];
  let from = 0;
  while (from < old.length && from < now.length && old[from] === now[from]) from += 1;
  let behind = 0;
  while (behind < old.length - from && behind < now.length - from && old.at(-1 - behind) === now.at(-1 - behind)) behind += 1;
  const numbered = (lines: readonly string[], mark: string): readonly string[] =>
    lines.slice(from, lines.length - behind).map((line, index) => `${String(from + index + 1).padStart(5)} ${mark} ${line}`);
  return [...numbered(old, '-'), ...numbered(now, '+')];
}
