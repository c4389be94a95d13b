import { isIP } from 'node:net';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { classifyAddress } from '../../../policy/address-class.ts';
import { formatAddress, parseAddress } from '../../../policy/address.ts';
import { parseRule } from '../../../policy/rule.ts';
import { normaliseHost, parseAuthority } from '../../../policy/target.ts';
import { parsePolicy } from '../../../policy/policy-file.ts';
import { type FuzzTarget, fuzzTarget, must } from './fuzz-target.ts';
import { addressText, hostText, ipv4Bytes, ipv6Bytes, ruleHost } from './pieces.ts';

/** What a browser would take the text for: a second opinion on which texts are addresses. */
function urlHost(text: string): string | undefined {
  return URL.parse(`http://${text}/`)?.hostname;
}

function checkHost(text: string): void {
  const host = normaliseHost(text);
  if ('refused' in host) return;
  const again = normaliseHost(host.host);
  must(!('refused' in again) && again.host === host.host && again.kind === host.kind, 'the normal form is not normal');
  if (host.kind === 'name') {
    must(/^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/.test(host.host) && !host.host.includes('..'), 'a name with odd characters');
    must(isIP(host.host) === 0, 'an address that passes for a name');
    const seen = urlHost(host.host);
    must(seen === undefined || seen === host.host, `others read the name as ${seen}`);
  } else {
    must(isIP(host.host) !== 0, 'an address that would be looked up as a name');
    must(ipaddr.process(host.host).toString() === ipaddr.parse(host.host).toString(), 'a mapped form is left');
    const seen = /[:[%]/.test(text) ? undefined : urlHost(text);
    must(seen === undefined || seen === host.host, `others read the address as ${seen}`);
  }
}

function checkAuthority(text: string): void {
  const authority = parseAuthority(text);
  if ('refused' in authority) return;
  must(`${authority.host}:${authority.port}` === text, 'what was read is not what was written');
}

function checkRule(text: string): void {
  const rule = parseRule(text);
  if ('message' in rule) return;
  const document = { version: 1, deployment: 'x', mode: 'enforce', allow: [{ ...rule, source: 'x' }], deny: [] };
  const policy = parsePolicy(JSON.stringify(document));
  must(!('invalid' in policy), 'the gate refuses a rule that was accepted when it was written');
  must(!/^(?:\*|\*\.[^.]+)$/.test(rule.host), 'a rule opens a whole top-level domain');
  must(rule.host !== 'localhost' && !rule.host.endsWith('.localhost') ? true : !rule.host.startsWith('*'), 'a rule for loopback names');
}

// What no rule may open, by another library's table.
const NEVER = new Set(['unspecified', 'broadcast', 'multicast', 'linkLocal', 'loopback', 'discard']);
const CLOSED = new Set([
  ...NEVER,
  'private',
  'carrierGradeNat',
  'uniqueLocal',
  'ipv4Mapped',
  'rfc6145',
  'rfc6052',
  '6to4',
  'teredo',
  'benchmarking',
]);

function checkAddress(bytes: readonly number[]): void {
  const theirs = ipaddr.fromByteArray([...bytes]);
  const family = bytes.length === 4 ? 4 : 6;
  const text = formatAddress({ family, bytes });
  const read = parseAddress(text);
  must(read !== undefined && read !== 'broken', 'the canonical text is not read');
  const plain = ipaddr.process(theirs.toString());
  must(ipaddr.fromByteArray([...read.bytes]).toString() === plain.toString(), 'the canonical text is another address');
  must(isIP(text) === family, 'the canonical text is no address to Node');
  const addressClass = classifyAddress({ family, bytes });
  must(addressClass !== 'public' || !CLOSED.has(plain.range()), `public, but others say ${plain.range()}`);
  const upper = parseAddress(theirs.toNormalizedString().toUpperCase());
  must(upper !== undefined && upper !== 'broken' && formatAddress(upper) === formatAddress(read), 'two spellings, two addresses');
}

function checkAddressText(text: string): void {
  const read = parseAddress(text);
  if (read === undefined || read === 'broken') return;
  must(
    read.bytes.length === (read.family === 4 ? 4 : 16) && read.bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte < 256),
    'no bytes',
  );
  const bare = text.replaceAll(/[[\]]|%.*$/g, '');
  const seen = bare.includes(':') ? urlHost(`[${bare}]`) : undefined;
  const ours = formatAddress(read);
  must(seen === undefined || seen === urlHost(read.family === 6 ? `[${ours}]` : `[::ffff:${ours}]`), `others read the address as ${seen}`);
}

/** Names, addresses, `host:port` and the rules a person writes. */
export const hostTargets: readonly FuzzTarget[] = [
  fuzzTarget('host', 10, hostText, checkHost),
  fuzzTarget(
    'authority',
    5,
    fc.tuple(hostText, fc.constantFrom(':443', ':', ':0443', ':99999', ':+1', '', ':443:1')).map((parts) => parts.join('')),
    checkAuthority,
  ),
  fuzzTarget(
    'rule',
    5,
    fc.tuple(ruleHost, fc.constantFrom('', ':443', ':0', '/x', ':65536')).map((parts) => parts.join('')),
    checkRule,
  ),
  fuzzTarget('address', 10, fc.oneof(ipv4Bytes, ipv6Bytes), checkAddress),
  fuzzTarget('address-text', 5, addressText, checkAddressText),
];
