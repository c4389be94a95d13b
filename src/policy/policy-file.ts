import { sha256 } from '../core/digest.ts';
import { canonicalJson, isRecord, stableJson } from '../core/json.ts';
import type { EgressPolicy, Rule } from './policy.ts';
import { normaliseHost } from './target.ts';

/** A document that is not what it should be, and where. */
export type Invalid = { readonly invalid: string };

/** The policy as the gate reads it; the same policy gives the same bytes. */
export function renderPolicy(policy: EgressPolicy): string {
  return stableJson(policy);
}

/** SHA-256 of what the policy says, independent of how its file is written. */
export function policyDigest(policy: EgressPolicy): string {
  return sha256(canonicalJson(policy));
}

/** Reads what `renderPolicy` wrote; an unknown key or a host that is not in its normal form makes the whole file invalid. */
export function parsePolicy(text: string): EgressPolicy | Invalid {
  const value = parseJson(text);
  if ('invalid' in value) return value;
  const { version, deployment, mode, allow, deny } = value.record;
  const unknown = unknownKey(value.record, ['version', 'deployment', 'mode', 'allow', 'deny']);
  if (unknown !== undefined) return { invalid: `unknown key ${JSON.stringify(unknown)}` };
  if (version !== 1) return { invalid: 'version is not 1' };
  if (typeof deployment !== 'string' || deployment === '') return { invalid: 'deployment is not a name' };
  if (mode !== 'enforce' && mode !== 'report') return { invalid: 'mode is neither enforce nor report' };
  const allowed = parseRules('allow', allow);
  if ('invalid' in allowed) return allowed;
  const denied = parseRules('deny', deny);
  if ('invalid' in denied) return denied;
  return { version: 1, deployment, mode, allow: allowed.rules, deny: denied.rules };
}

function parseRules(key: string, value: unknown): { readonly rules: readonly Rule[] } | Invalid {
  if (!Array.isArray(value)) return { invalid: `${key} is not a list` };
  const rules: Rule[] = [];
  for (const [index, entry] of value.entries()) {
    const rule = parseRuleRecord(entry);
    if ('invalid' in rule) return { invalid: `${key}[${index}]: ${rule.invalid}` };
    rules.push(rule);
  }
  return { rules };
}

function parseRuleRecord(value: unknown): Rule | Invalid {
  if (!isRecord(value)) return { invalid: 'not an object' };
  const unknown = unknownKey(value, ['host', 'port', 'client', 'until', 'source']);
  if (unknown !== undefined) return { invalid: `unknown key ${JSON.stringify(unknown)}` };
  const place = parsePlace(value);
  if ('invalid' in place) return place;
  const { source } = value;
  if (typeof source !== 'string') return { invalid: 'source is not a text' };
  return { ...place, source };
}

/** The fields that a rule and an override share. */
export function parsePlace(value: Readonly<Record<string, unknown>>): Pick<Rule, 'host' | 'port' | 'client' | 'until'> | Invalid {
  const { host, port, client, until } = value;
  if (typeof host !== 'string' || !isNormalRuleHost(host)) return { invalid: 'host is not a normalised host, wildcard or address' };
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535)
    return { invalid: 'port is not a number from 1 to 65535' };
  if (client !== undefined && (typeof client !== 'string' || client === '')) return { invalid: 'client is not a name' };
  if (until !== undefined && (typeof until !== 'number' || !Number.isSafeInteger(until) || until < 0))
    return { invalid: 'until is not a time' };
  return { host, port, ...(client === undefined ? {} : { client }), ...(until === undefined ? {} : { until }) };
}

function isNormalRuleHost(host: string): boolean {
  const bare = host.startsWith('*.') ? host.slice(2) : host;
  const normal = normaliseHost(bare);
  if ('refused' in normal || normal.host !== bare) return false;
  // The public-suffix list is not carried into the gate; a single label under a star is refused without it.
  return bare === host || (normal.kind === 'name' && bare.includes('.'));
}

/** The document as a record, or why it is none. */
export function parseJson(text: string): { readonly record: Readonly<Record<string, unknown>> } | Invalid {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? { record: value } : { invalid: 'not a JSON object' };
  } catch {
    return { invalid: 'not JSON' };
  }
}

/** The first key that is not among the known ones. */
export function unknownKey(record: Readonly<Record<string, unknown>>, known: readonly string[]): string | undefined {
  return Object.keys(record).find((key) => !known.includes(key));
}
