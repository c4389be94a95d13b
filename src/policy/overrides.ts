import { isRecord, stableJson } from '../core/json.ts';
import type { EgressPolicy, Rule } from './policy.ts';
import { type Invalid, parseJson, parsePlace, unknownKey } from './policy-file.ts';

/** What an operator allowed or denied while the deployment runs. */
export type OverrideRule = {
  readonly verdict: 'allow' | 'deny';
  readonly host: string;
  readonly port: number;
  readonly client?: string;
  /** Epoch milliseconds at which it ends. */
  readonly until?: number;
  /** The operator's user name. */
  readonly by: string;
  readonly atMs: number;
};

/** The file beside the policy that `egress allow` and `egress deny` write. */
export type Overrides = { readonly version: 1; readonly rules: readonly OverrideRule[] };

/** Nothing overridden: what an absent file means. */
export const NO_OVERRIDES: Overrides = { version: 1, rules: [] };

/** The policy with the operator's rules that have not ended yet; the operator's word stands before the file's. */
export function withOverrides(policy: EgressPolicy, overrides: Overrides, nowMs: number): EgressPolicy {
  const current = overrides.rules.filter((rule) => rule.until === undefined || nowMs < rule.until);
  const of = (verdict: 'allow' | 'deny'): readonly Rule[] => current.filter((rule) => rule.verdict === verdict).map(asRule);
  return { ...policy, allow: [...of('allow'), ...policy.allow], deny: [...of('deny'), ...policy.deny] };
}

function asRule({ host, port, client, until, by, atMs }: OverrideRule): Rule {
  const source = `operator ${by} ${new Date(atMs).toISOString().slice(0, 10)}`;
  return { host, port, source, ...(client === undefined ? {} : { client }), ...(until === undefined ? {} : { until }) };
}

/**
 * Adds one rule: it replaces whatever was said before for the same host, port and client, also the opposite,
 * and rules that have ended are dropped.
 */
export function addOverride(overrides: Overrides, rule: OverrideRule, nowMs: number): Overrides {
  const kept = removeOverride(overrides, rule, nowMs);
  return { version: 1, rules: [...kept.rules, rule] };
}

/** Takes back what was said for this host, port and client. */
export function removeOverride(overrides: Overrides, place: Pick<OverrideRule, 'host' | 'port' | 'client'>, nowMs: number): Overrides {
  const stays = (rule: OverrideRule): boolean =>
    (rule.until === undefined || nowMs < rule.until) &&
    !(rule.host === place.host && rule.port === place.port && rule.client === place.client);
  return { version: 1, rules: overrides.rules.filter(stays) };
}

/** The file's text; the same rules give the same bytes. */
export function renderOverrides(overrides: Overrides): string {
  return stableJson(overrides);
}

/** Reads what `renderOverrides` wrote, as strictly as the policy. */
export function parseOverrides(text: string): Overrides | Invalid {
  const value = parseJson(text);
  if ('invalid' in value) return value;
  const { version, rules } = value.record;
  const unknown = unknownKey(value.record, ['version', 'rules']);
  if (unknown !== undefined) return { invalid: `unknown key ${JSON.stringify(unknown)}` };
  if (version !== 1) return { invalid: 'version is not 1' };
  if (!Array.isArray(rules)) return { invalid: 'rules is not a list' };
  const read: OverrideRule[] = [];
  for (const [index, entry] of rules.entries()) {
    const rule = parseOverride(entry);
    if ('invalid' in rule) return { invalid: `rules[${index}]: ${rule.invalid}` };
    read.push(rule);
  }
  return { version: 1, rules: read };
}

function parseOverride(value: unknown): OverrideRule | Invalid {
  if (!isRecord(value)) return { invalid: 'not an object' };
  const unknown = unknownKey(value, ['verdict', 'host', 'port', 'client', 'until', 'by', 'atMs']);
  if (unknown !== undefined) return { invalid: `unknown key ${JSON.stringify(unknown)}` };
  const place = parsePlace(value);
  if ('invalid' in place) return place;
  const { verdict, by, atMs } = value;
  if (verdict !== 'allow' && verdict !== 'deny') return { invalid: 'verdict is neither allow nor deny' };
  if (typeof by !== 'string' || by === '') return { invalid: 'by is not a name' };
  if (typeof atMs !== 'number' || !Number.isSafeInteger(atMs) || Math.abs(atMs) > 8.64e15) return { invalid: 'atMs is not a time' };
  return { verdict, ...place, by, atMs };
}
