import { parseAddress } from '../policy/address.ts';
import type { EgressPolicy, Rule } from '../policy/policy.ts';

/** The rules of one client for one port, by how Squid compares them. */
export type PortRules = { readonly port: number; readonly allow: Hosts; readonly deny: Hosts };

/** Names, names whose sub-domains are meant, and addresses. */
export type Hosts = { readonly names: readonly string[]; readonly under: readonly string[]; readonly addresses: readonly string[] };

/** One client's rules; `id` stands in the names of its lists. */
export type ClientRules = { readonly client: string; readonly id: string; readonly ports: readonly PortRules[] };

const LINE = 8;

/** The rules in force for a client, by port. */
export function portRules(policy: EgressPolicy, client: string, nowMs: number): readonly PortRules[] {
  const isInForce = (rule: Rule): boolean =>
    (rule.client === undefined || rule.client === client) && (rule.until === undefined || nowMs < rule.until);
  const allow = policy.allow.filter(isInForce);
  const deny = policy.deny.filter(isInForce);
  // Where nothing is allowed, nothing needs to be denied, but for the mode in which everything passes.
  const named = policy.mode === 'report' ? [...allow, ...deny] : allow;
  const ports = [...new Set(named.map(({ port }) => port))].toSorted((a, b) => a - b);
  return ports.map((port) => ({ port, allow: hostsOf(allow, port), deny: hostsOf(deny, port) }));
}

function hostsOf(rules: readonly Rule[], port: number): Hosts {
  const hosts = [...new Set(rules.filter((one) => one.port === port).map(({ host }) => host))].toSorted();
  return {
    names: hosts.filter((host) => !host.startsWith('*.') && parseAddress(host) === undefined),
    under: hosts.filter((host) => host.startsWith('*.')).map((host) => host.slice(2)),
    addresses: hosts.filter((host) => parseAddress(host) !== undefined),
  };
}

/**
 * The lists of one client and port and who may pass by them. `isSecond`: for the port that what was let through comes to afterwards,
 * by the lists that are there already.
 */
export function accessOf(
  { port, allow, deny }: PortRules,
  { at, id, isSecond = false }: { readonly at: string; readonly id: string; readonly isSecond?: boolean },
): readonly string[] {
  const name = (what: string): string => `${what}_${id}_${port}`;
  const here = `${at} port_${port}`;
  const lists = isSecond
    ? []
    : [
        ...named(name('deny'), deny),
        ...aclText(name('deny_at'), 'dst', deny.addresses),
        ...named(name('allow'), allow),
        ...aclText(name('address'), 'dstdomain -n', allow.addresses.flatMap(written)),
      ];
  const notDenied = deny.addresses.length === 0 ? '' : ` !${name('deny_at')}`;
  const toName = (list: string): string => `http_access allow ${here} ${list} !never !private${notDenied}`;
  return [
    ...lists,
    ...(isSecond ? [] : used(name('deny'), deny).map((list) => `http_access deny ${here} ${list}`)),
    ...used(name('allow'), allow).map(toName),
    ...(allow.addresses.length === 0 ? [] : [`http_access allow ${here} ${name('address')} !never${notDenied}`]),
  ];
}

/** The lists of one client and port that deny, for a mode in which the rest passes. */
export function deniedOf({ port, deny }: PortRules, { at, id }: { readonly at: string; readonly id: string }): readonly string[] {
  const name = `deny_${id}_${port}`;
  const address = `deny_at_${id}_${port}`;
  const lists = [...used(name, deny), ...(deny.addresses.length === 0 ? [] : [address])];
  return [
    ...named(name, deny),
    ...aclText(address, 'dst', deny.addresses),
    ...lists.map((list) => `http_access deny ${at} port_${port} ${list}`),
  ];
}

function named(name: string, { names, under }: Hosts): readonly string[] {
  return [...aclText(name, 'dstdomain -n', names), ...aclText(`${name}_under`, 'dstdom_regex -n -i', under.map(subDomains))];
}

function used(name: string, { names, under }: Hosts): readonly string[] {
  return [...(names.length > 0 ? [name] : []), ...(under.length > 0 ? [`${name}_under`] : [])];
}

// Spelled out, because `.name` would be the name itself too, and one list may not hold a name and one above it.
function subDomains(name: string): string {
  return `^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\\.)+${name.replaceAll('.', '\\.')}$`;
}

function written(address: string): readonly string[] {
  return address.includes(':') ? [address, `[${address}]`] : [address];
}

/** One list, some entries a line; an empty list gives nothing. */
export function aclText(name: string, type: string, entries: readonly string[]): readonly string[] {
  const lines = Math.ceil(entries.length / LINE);
  return Array.from({ length: lines }, (_, at) => `acl ${name} ${type} ${entries.slice(at * LINE, (at + 1) * LINE).join(' ')}`);
}
