import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { decide, decideAddress } from '../../../policy/decide.ts';
import { parseOverrides, withOverrides } from '../../../policy/overrides.ts';
import { type EgressPolicy, type Rule, type Target } from '../../../policy/policy.ts';
import { parsePolicy } from '../../../policy/policy-file.ts';
import { normaliseTarget, parseAuthority } from '../../../policy/target.ts';
import { type FuzzTarget, fuzzTarget, must } from './fuzz-target.ts';
import { addressText, hostText, ruleHost } from './pieces.ts';

const NOW = 1000;
const port = fc.constantFrom(443, 443, 80, 8443);
const client = fc.constantFrom('a', 'b');
const place = {
  host: ruleHost,
  port,
  client: fc.option(client, { nil: undefined }),
  until: fc.constantFrom(undefined, undefined, NOW - 1, NOW, NOW + 1),
};
const rules = fc.array(fc.record({ ...place, host: ruleHost, source: fc.constant('file') }, { requiredKeys: ['host', 'port', 'source'] }), {
  maxLength: 4,
});
const override = fc.record({ ...place, verdict: fc.constantFrom('allow', 'deny'), by: fc.constant('root'), atMs: fc.constant(0) });

const attempt = fc.record({
  mode: fc.constantFrom('enforce', 'enforce', 'report'),
  allow: rules,
  deny: rules,
  overrides: fc.array(override, { maxLength: 2 }),
  asked: fc.tuple(fc.oneof(hostText, ruleHost, ruleHost), port).map(([host, at]) => `${host}:${at}`),
  client,
  answers: fc.array(addressText, { maxLength: 4 }),
  own: fc.subarray(['198.51.100.9', '8.8.8.8', '2001:db8::1']),
});

type Attempt = typeof attempt extends fc.Arbitrary<infer T> ? T : never;

/** The policy as the gate would read it from its two files; undefined: the gate would not take it. */
function policyOf({ mode, allow, deny, overrides }: Attempt): EgressPolicy | undefined {
  // A file with one bad rule is refused as a whole: the good ones alone make a file that is read more often than not.
  const good = (list: readonly object[]): readonly object[] => list.filter((rule) => !('invalid' in parsePolicy(file([rule], []))));
  const file = (allowed: readonly object[], denied: readonly object[]): string =>
    JSON.stringify({ version: 1, deployment: 'home', mode, allow: allowed, deny: denied });
  const policy = parsePolicy(file(good(allow), good(deny)));
  const said = parseOverrides(JSON.stringify({ version: 1, rules: overrides }));
  if ('invalid' in policy) return undefined;
  return 'invalid' in said ? policy : withOverrides(policy, said, NOW);
}

/** The same question answered in the plainest way there is. */
function speaks(rule: Rule, target: Target, who: string): boolean {
  if (rule.port !== target.port || (rule.client !== undefined && rule.client !== who) || (rule.until ?? NOW + 1) <= NOW) return false;
  if (target.host === rule.host) return true;
  const labels = target.host.split('.');
  return target.kind === 'name' && labels.some((_label, at) => at > 0 && rule.host === `*.${labels.slice(at).join('.')}`);
}

const NEVER = new Set(['unspecified', 'broadcast', 'multicast', 'linkLocal', 'loopback', 'discard']);
const INWARD = new Set([...NEVER, 'private', 'carrierGradeNat', 'uniqueLocal', 'rfc6145', 'rfc6052', '6to4', 'teredo']);

function canonical(text: string): string {
  const bytes = ipaddr.parse(URL.parse(`http://[${text}]/`)?.hostname.slice(1, -1) ?? text);
  return bytes instanceof ipaddr.IPv6 && bytes.isIPv4MappedAddress() ? bytes.toIPv4Address().toString() : bytes.toString();
}

function checkName(policy: EgressPolicy, target: Target, who: string): boolean {
  const verdict = decide(policy, target, who, NOW);
  const isDenied = policy.deny.some((rule) => speaks(rule, target, who));
  const isNamed = policy.allow.some((rule) => speaks(rule, target, who));
  const isNever = target.kind === 'name' ? /(?:^|\.)localhost$/.test(target.host) : NEVER.has(ipaddr.parse(target.host).range());
  const may = !isNever && !isDenied && (policy.mode === 'report' || isNamed);
  must(!verdict.allowed || may, `allowed by ${verdict.reason}, but no rule says so`);
  must(verdict.allowed || !may || verdict.reason === 'never-class', `denied by ${verdict.reason}, but a rule allows it`);
  return verdict.allowed;
}

function checkAnswer(policy: EgressPolicy, text: string, at: number, { client: who, own }: Attempt): void {
  const verdict = decideAddress(policy, text, at, { client: who, nowMs: NOW, own: new Set(own) });
  if (!verdict.allowed) return;
  const host = canonical(text.replaceAll(/[[\]]|%.*$/g, ''));
  const asTarget: Target = { host, port: at, kind: 'address' };
  const range = ipaddr.parse(host).range();
  must(!NEVER.has(range) && !own.includes(host), `an answer that is ${range} or the host's own`);
  must(!policy.deny.some((rule) => speaks(rule, asTarget, who)), 'an answer that a rule denies');
  if (policy.mode === 'report') return;
  must(!INWARD.has(range) || policy.allow.some((rule) => speaks(rule, asTarget, who)), `an answer that is ${range}`);
}

function check(input: Attempt): void {
  const policy = policyOf(input);
  const authority = parseAuthority(input.asked);
  if (!policy || 'refused' in authority) return;
  const target = normaliseTarget(authority.host, authority.port);
  if ('refused' in target || !checkName(policy, target, input.client)) return;
  const answers = target.kind === 'address' ? [target.host] : input.answers;
  for (const answer of answers) if (/^[\da-f:.]+$/i.test(answer)) checkAnswer(policy, answer, target.port, input);
}

/** From the text of a CONNECT and the files of the policy to the address that would be dialled. */
export const decideTargets: readonly FuzzTarget[] = [fuzzTarget('decide', 20, attempt, check)];
