import { parse as parseDomain } from 'tldts';
import { parseAddress } from './address.ts';
import { NEVER_CLASSES, classifyAddress } from './address-class.ts';
import { normaliseHost, parseAuthority } from './target.ts';

/** A rule's text read, or what is wrong with it and what to write instead. */
export type ParsedRule = { readonly host: string; readonly port: number } | { readonly message: string; readonly fix: string };

/** Reads `host`, `host:port`, `*.host` and address literals from lobsterpot.yaml or a command line; the port is 443 unless given. */
export function parseRule(text: string): ParsedRule {
  const shape = faultOfShape(text);
  if (shape) return shape;
  const authority = looksLikeBareIpv6(text) ? { host: `[${text}]`, port: 443 } : parseAuthority(text, 443);
  if ('refused' in authority)
    return { message: `${quote(text)}: ${authority.refused}`, fix: 'write host or host:port, for example api.example.com:443' };
  if (authority.port > 65_535)
    return { message: `${quote(text)}: the port is not a number from 1 to 65535`, fix: 'write a port from 1 to 65535' };
  return authority.host.includes('*') ? wildcard(text, authority.host, authority.port) : exact(text, authority.host, authority.port);
}

function exact(text: string, written: string, port: number): ParsedRule {
  const host = normaliseHost(written);
  if ('refused' in host)
    return { message: `${quote(text)}: ${host.refused}`, fix: 'write one exact host name, for example api.example.com' };
  if (host.kind === 'address') return address(text, host.host, port);
  if (!host.host.includes('.'))
    return { message: `${quote(text)} is not a full host name`, fix: 'write the full name with its domain, or the address' };
  if (isPublicSuffix(host.host, 'registries'))
    return { message: `${quote(text)} is a public suffix, not a host`, fix: `write the host itself, for example api.example.${host.host}` };
  return { host: host.host, port };
}

function address(text: string, host: string, port: number): ParsedRule {
  const parsed = parseAddress(host);
  const addressClass = parsed && parsed !== 'broken' ? classifyAddress(parsed) : 'reserved';
  if (!NEVER_CLASSES.has(addressClass)) return { host, port };
  return { message: `${quote(text)} is a ${addressClass} address, which no rule opens`, fix: 'leave it out: it is always closed' };
}

function wildcard(text: string, written: string, port: number): ParsedRule {
  if (!written.startsWith('*.'))
    return {
      message: `${quote(text)}: a star stands only for whole labels at the front`,
      fix: 'write *.example.com for its sub-domains, or each host by name',
    };
  const host = normaliseHost(written.slice(2));
  if ('refused' in host) return { message: `${quote(text)}: ${host.refused}`, fix: 'write *.example.com, with one star at the front' };
  if (host.kind === 'address') return { message: `${quote(text)}: addresses have no sub-domains`, fix: 'write each address by itself' };
  if (!host.host.includes('.') || isPublicSuffix(host.host, 'anyone'))
    return {
      message: `${quote(text)} opens everything that anyone registers under ${host.host}`,
      fix: `write the sub-domain you mean, for example *.example.${host.host}`,
    };
  return { host: `*.${host.host}`, port };
}

function faultOfShape(text: string): ParsedRule | undefined {
  if (text === '' || text.trim() !== text)
    return { message: `${quote(text)} is empty or has spaces around it`, fix: 'write a host name, for example api.example.com' };
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([^/?#]*)/i.exec(text);
  if (scheme) return { message: `${quote(text)} is a URL, a rule names a host`, fix: suggestion(scheme[1]) };
  const cidr = /^\[?[\da-f:.]+\]?\/\d+$/i.test(text);
  if (cidr || /^[\d.]+-[\d.]+$/.test(text) || (/^[\d.]*\*[\d.*]*$/.test(text) && text !== '*'))
    return {
      message: `${quote(text)} is a range of addresses`,
      fix: 'write each address by itself; a range would open hosts that nobody named',
    };
  if (text === '*')
    return { message: 'a lone * opens everything', fix: 'name the hosts; to watch first and decide later, set egress.mode: report' };
  if (/[/?#]/.test(text)) return { message: `${quote(text)} has a path, a rule names a host`, fix: suggestion(text.split(/[/?#]/, 1)[0]) };
  if (text.includes('@'))
    return { message: `${quote(text)} has a user name, a rule names a host`, fix: suggestion(text.split('@').at(-1)) };
  return undefined;
}

function suggestion(host: string | undefined): string {
  return host === undefined || host === '' ? 'write the host alone, for example api.example.com' : `write: ${host}`;
}

// `anyone`: also the suffixes that companies let others register under (github.io, s3.amazonaws.com).
// A name under no listed suffix (`nas.lan`) is private to its network: its last label alone counts as a suffix.
function isPublicSuffix(host: string, under: 'registries' | 'anyone'): boolean {
  const domain = parseDomain(host, { allowPrivateDomains: under === 'anyone', validateHostname: false });
  return domain.publicSuffix === host;
}

function looksLikeBareIpv6(text: string): boolean {
  return (text.match(/:/g)?.length ?? 0) > 1 && !text.includes('[');
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
