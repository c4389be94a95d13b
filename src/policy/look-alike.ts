import { domainToUnicode } from 'node:url';
import { parse as parseDomain } from 'tldts';
import { parseAddress } from './address.ts';
import { presetOf } from './presets.ts';

/** What a name looks like to somebody who decides about it. `isWarning`: like something that it is not. */
export type NameNote = { readonly text: string; readonly isWarning: boolean };

/** What a denied host (normalised) looks like beside the hosts that are allowed: a trick, a provider, another name of a known domain, or new. */
export function describeName(host: string, allowed: readonly string[]): NameNote {
  if (parseAddress(host) !== undefined) return { text: 'an address, not a name', isWarning: true };
  const names = allowed.map((one) => (one.startsWith('*.') ? one.slice(2) : one)).filter((one) => parseAddress(one) === undefined);
  const trick = trickOf(host, names);
  if (trick !== undefined) return { text: trick, isWarning: true };
  const preset = presetOf(host);
  if (preset !== undefined) return { text: `a host of the preset ${preset}`, isWarning: false };
  const domain = registrableOf(host);
  const known = names.find((name) => registrableOf(name) === domain);
  if (known !== undefined) return { text: `another name of ${domain}, as the allowed ${known} is`, isWarning: false };
  return { text: host === domain ? 'a new domain' : `a new domain, ${domain}`, isWarning: false };
}

/** How a host pretends to be one of `names`; undefined: it does not. */
function trickOf(host: string, names: readonly string[]): string | undefined {
  const domain = registrableOf(host);
  const front = host.slice(0, host.length - domain.length).replace(/\.$/, '');
  for (const name of names) {
    const real = registrableOf(name);
    if (real === domain) continue;
    if ([name, real].some((one) => ` ${front} `.replaceAll('.', ' . ').includes(` ${one} `.replaceAll('.', ' . '))))
      return `contains ${name} and belongs to ${domain}: looks like it and is not`;
    const written = name.replaceAll('.', '-');
    if (host.includes(written) || host.includes(real.replaceAll('.', '-')))
      return `writes ${name} with hyphens and belongs to ${domain}: looks like it and is not`;
  }
  const shown = shownAs(host);
  for (const name of names) {
    const real = registrableOf(name);
    if (real === domain) continue;
    const [shownDomain, realShown] = [shownAs(domain), shownAs(real)];
    if (shown === shownAs(name) || shownDomain === realShown) return `looks like ${shownDomain === realShown ? real : name} and is not`;
    if (isOneEditAway(domain, real)) return `one letter away from ${real}: looks like it and is not`;
  }
  const unicode = domainToUnicode(host);
  return unicode === host ? undefined : `a name in another script (${unicode}), written as ASCII`;
}

/** What a person reads: letters of other scripts, and groups of letters, that look like Latin ones. */
function shownAs(host: string): string {
  const text = (domainToUnicode(host) || host).normalize('NFKD').replace(/\p{M}/gu, '');
  return text
    .replace(/[^ -~]/gu, (letter) => LIKE[letter] ?? letter)
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('cl', 'd')
    .replaceAll(/[i1|]/g, 'l')
    .replaceAll('0', 'o')
    .replaceAll('5', 's');
}

// The letters that registries and browsers meet most, from the Unicode list of confusables.
const LIKE: Readonly<Record<string, string>> = {
  а: 'a',
  ɑ: 'a',
  α: 'a',
  ь: 'b',
  с: 'c',
  ϲ: 'c',
  ԁ: 'd',
  е: 'e',
  ҽ: 'e',
  ɡ: 'g',
  һ: 'h',
  і: 'i',
  ι: 'i',
  ı: 'i',
  ј: 'j',
  κ: 'k',
  к: 'k',
  ӏ: 'l',
  ո: 'n',
  о: 'o',
  ο: 'o',
  օ: 'o',
  р: 'p',
  ρ: 'p',
  ԛ: 'q',
  г: 'r',
  ѕ: 's',
  τ: 't',
  т: 't',
  υ: 'u',
  ս: 'u',
  ν: 'v',
  ѵ: 'v',
  ԝ: 'w',
  ш: 'w',
  х: 'x',
  χ: 'x',
  у: 'y',
  γ: 'y',
  ᴢ: 'z',
  м: 'm',
  н: 'h',
  ß: 'b',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  ħ: 'h',
};

/** The domain that somebody registered; of a private network's name its last two labels. */
function registrableOf(host: string): string {
  const { domain } = parseDomain(host, { allowPrivateDomains: true, validateHostname: false });
  return domain ?? host.split('.').slice(-2).join('.');
}

/** Is one letter too many, missing, another, or are two neighbours exchanged? Not for names of so few letters that most are. */
export function isOneEditAway(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (short === long || short.length < 5 || long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  const rest = (text: string, from: number): string => text.slice(from);
  if (long.length > short.length) return rest(short, at) === rest(long, at + 1);
  const isExchange = short[at] === long[at + 1] && short[at + 1] === long[at] && rest(short, at + 2) === rest(long, at + 2);
  return isExchange || rest(short, at + 1) === rest(long, at + 1);
}
