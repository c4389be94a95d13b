import { domainToASCII } from 'node:url';
import { formatAddress, parseAddress } from './address.ts';
import type { Target } from './policy.ts';

/** Why a text is no destination. */
export type Refusal = { readonly refused: string };

/** The one form of a destination that rules are compared with; everything unclear is refused. */
export function normaliseTarget(host: string, port: number): Target | Refusal {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return { refused: 'the port is not a number from 1 to 65535' };
  const named = normaliseHost(host);
  return 'refused' in named ? named : { ...named, port };
}

const LONGEST_LABEL = 63;
// A name as nearly everybody writes it: lower case, no final dot, a last label that begins with a letter. The rest of
// normaliseHost gives the same for it, at ten times the cost. One way to match only, so no text takes long.
const USUAL_NAME = /^(?:[a-z0-9_]+(?:-+[a-z0-9_]+)*\.)*[a-z][a-z0-9_]*(?:-+[a-z0-9_]+)*$/;

/** The host part alone: a lower-case ASCII name without its final dot, or a canonical address literal. */
export function normaliseHost(text: string): Pick<Target, 'host' | 'kind'> | Refusal {
  if (text.length <= LONGEST_LABEL && USUAL_NAME.test(text)) return { host: text, kind: 'name' };
  if (text === '') return { refused: 'the host is empty' };
  if (text.length > 255) return { refused: 'the host is longer than 255 characters' };
  if (text.includes('[') || text.includes(':')) return addressOnly(text);
  if (/[@%/\\?#\s]/.test(text) || hasControl(text)) return { refused: 'the host holds a character that no host name has' };
  const ascii = isAscii(text) ? text.toLowerCase() : domainToASCII(text).toLowerCase();
  const name = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii;
  const address = parseAddress(name);
  if (address === 'broken') return { refused: 'the host ends in a number and is no IP address' };
  if (address) return { host: formatAddress(address), kind: 'address' };
  const fault = faultOfName(name);
  return fault === undefined ? { host: name, kind: 'name' } : { refused: fault };
}

function addressOnly(text: string): Pick<Target, 'host' | 'kind'> | Refusal {
  const address = parseAddress(text);
  if (address === undefined || address === 'broken') return { refused: 'the host is no IPv6 address' };
  return { host: formatAddress(address), kind: 'address' };
}

function faultOfName(name: string): string | undefined {
  if (name === '') return 'the host is empty';
  if (name.length > 253) return 'the host is longer than 253 characters';
  for (const label of name.split('.')) {
    if (label === '') return 'the host has an empty label';
    if (label.length > LONGEST_LABEL) return 'the host has a label of more than 63 characters';
    if (!/^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/.test(label)) return 'the host holds a character that no host name has';
  }
  return undefined;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 126) return false;
  return true;
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) < 33 || text.charCodeAt(at) === 127) return true;
  return false;
}

/** `host:port` or `[v6]:port` as it stands in a CONNECT line and a Host header; the port is decimal without leading zeros. */
export function parseAuthority(text: string, defaultPort?: number): { readonly host: string; readonly port: number } | Refusal {
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/s.exec(text);
  if (!match) return { refused: 'not host:port' };
  const host = match[1] ?? '';
  const port = match[2];
  if (port === undefined) return defaultPort === undefined ? { refused: 'the port is missing' } : { host, port: defaultPort };
  if (!/^[1-9]\d{0,4}$/.test(port)) return { refused: 'the port is not a number from 1 to 65535' };
  return { host, port: Number(port) };
}
