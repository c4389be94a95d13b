import { isRecord } from '../core/json.ts';
import { levelHosts, type Level } from '../policy/levels.ts';
import type { Rule } from '../policy/policy.ts';
import { presetNames, presetRules } from '../policy/presets.ts';
import { parseRule } from '../policy/rule.ts';
import { text } from './loose-view.ts';
import type { KeyPath, Mistake } from './mistake.ts';
import { nearest } from './nearest.ts';

/** The names of gateways and nodes as rules may use them, each with its service name. */
export type Clients = ReadonlyMap<string, string>;

type Read = { readonly rules: readonly Rule[]; readonly mistakes: readonly Mistake[] };

/**
 * Reads one entry of `egress.allow` or `egress.deny`; a preset gives several rules. What is of the wrong type
 * gives nothing: the schema complains about that.
 */
export function readEgressEntry(entry: unknown, path: KeyPath, clients: Clients): Read {
  if (typeof entry === 'string') return hostRule(entry, path, {});
  if (!isRecord(entry)) return NOTHING;
  const { client: name } = text(entry, 'client');
  const { preset } = text(entry, 'preset');
  const { host } = text(entry, 'host');
  const { until } = text(entry, 'until');
  const client = readClient(name, [...path, 'client'], clients);
  const found = 'mistake' in client ? {} : client;
  const read = [
    'mistake' in client ? { rules: [], mistakes: [client.mistake] } : NOTHING,
    preset === undefined ? NOTHING : presetEntry(preset, [...path, 'preset'], found),
    host === undefined
      ? NOTHING
      : hostRule(host, [...path, 'host'], { ...found, ...(until === undefined ? {} : { until: Date.parse(until) }) }),
  ];
  return { rules: read.flatMap((one) => one.rules), mistakes: read.flatMap((one) => one.mistakes) };
}

const NOTHING: Read = { rules: [], mistakes: [] };

/** The rules of a preset, for one client alone: what a gateway needs for its model or a channel. */
export function clientPreset(name: string, client: string): readonly Rule[] {
  return (presetRules(name) ?? []).map((rule) => ({ ...rule, client, source: `preset ${name}` }));
}

/** The hosts that a level opens, for every client. */
export function levelRules(level: Level): readonly Rule[] {
  return levelHosts(level).map((host) => ({ host, port: 443, source: `level ${level}` }));
}

/** The same rules without repetitions, in the order they were written. */
export function withoutRepetitions(rules: readonly Rule[]): readonly Rule[] {
  const seen = new Set<string>();
  return rules.filter((rule) => {
    const key = JSON.stringify([rule.host, rule.port, rule.client, rule.until]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function hostRule(written: string, path: KeyPath, more: { readonly client?: string; readonly until?: number }): Read {
  const parsed = parseRule(written);
  if ('message' in parsed) {
    return { rules: [], mistakes: [{ code: 'rule', path, what: 'not a rule', cause: parsed.message, change: parsed.fix }] };
  }
  // The file's usual name and no line: a comment added above must not count as another policy.
  return { rules: [{ host: parsed.host, port: parsed.port, ...more, source: 'lobsterpot.yaml' }], mistakes: [] };
}

function presetEntry(name: string, path: KeyPath, more: { readonly client?: string }): Read {
  const hosts = presetRules(name);
  if (hosts) return { rules: hosts.map((rule) => ({ ...rule, ...more, source: `preset ${name}` })), mistakes: [] };
  const near = nearest(name, presetNames);
  const mistake: Mistake = {
    code: 'reference',
    path,
    what: `there is no such preset${near === undefined ? '' : `, did you mean ${near}?`}`,
    cause: `the presets are: ${presetNames.join(', ')}`,
    change: near === undefined ? 'name one of them, or write the hosts themselves' : `write ${near} instead`,
  };
  return { rules: [], mistakes: [mistake] };
}

function readClient(
  name: string | undefined,
  path: KeyPath,
  clients: Clients,
): { readonly client?: string } | { readonly mistake: Mistake } {
  if (name === undefined) return {};
  const client = clients.get(name) ?? [...clients.values()].find((one) => one === name);
  if (client !== undefined) return { client };
  const near = nearest(name, [...clients.keys()]);
  return {
    mistake: {
      code: 'reference',
      path,
      what: `there is no gateway or node ${name}${near === undefined ? '' : `, did you mean ${near}?`}`,
      cause: `a rule may be for: ${[...clients.keys()].join(', ')}`,
      change: near === undefined ? 'name one of them' : `write ${near} instead`,
    },
  };
}
