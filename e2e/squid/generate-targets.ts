/** What a client writes after CONNECT, made from places that the test's policy allows, denies or knows nothing of. */
export type Made = { readonly client: 'gateway-main' | 'node-nas'; readonly text: string; readonly kind: string };

type Draw = { readonly below: (most: number) => number; readonly of: <T>(list: readonly T[]) => T };

const NAMES = [
  'api.allowed.test',
  'wide.test',
  'a.wide.test',
  'deep.er.wide.test',
  'bad.wide.test',
  'x.bad.wide.test',
  'only.main.test',
  'plain.allowed.test',
  'denied.test',
  'other.test',
  'localhost',
  'x.localhost',
  'com',
] as const;
const ADDRESSES = [
  [198, 51, 100, 12],
  [198, 51, 100, 66],
  [192, 168, 222, 20],
  [127, 0, 0, 1],
  [169, 254, 169, 254],
  [10, 0, 0, 1],
] as const;
const ADDRESSES_6 = [
  '2001:db8::12',
  '2001:db8:0:0::12',
  '2001:DB8::66',
  '::1',
  'fe80::1',
  'fd00::1',
  '::ffff:198.51.100.12',
  '::ffff:127.0.0.1',
  '64:ff9b::7f00:1',
  '::',
];
const PORTS = [
  '443',
  '443',
  '443',
  '443',
  '443',
  '80',
  '8443',
  '22',
  '0',
  '65535',
  '65536',
  '65979',
  '0443',
  '+443',
  ' 443',
  '443 ',
  '443x',
  '',
  'https',
];
const ODD = [
  '@',
  '%',
  '%2e',
  '%00',
  '/',
  '?',
  '#',
  '\\',
  ' ',
  '\t',
  '*',
  '_',
  '-',
  '\u00e4',
  '\u3002',
  '..',
  ',',
  ';',
  '"',
  "'",
  '<',
  '|',
  '~',
  '+',
  ':',
];

/** `count` texts that are the same for the same seed. */
export function generateTargets(seed: number, count: number): readonly Made[] {
  const draw = drawer(seed);
  return Array.from({ length: count }, (_, at): Made => {
    const client = at % 2 === 0 ? 'gateway-main' : 'node-nas';
    const kind = draw.of(Object.keys(KINDS));
    const make = KINDS[kind];
    if (!make) throw new TypeError(kind);
    return { client, kind, text: make(draw) };
  });
}

const KINDS: Readonly<Record<string, (draw: Draw) => string>> = {
  plain: (draw) => `${draw.of(NAMES)}:${draw.of(PORTS)}`,
  case: (draw) => `${letters(draw.of(NAMES), (one) => (draw.below(2) === 0 ? one.toUpperCase() : one))}:443`,
  dots: (draw) => `${draw.of(NAMES)}${'.'.repeat(1 + draw.below(3))}:443`,
  before: (draw) => `${draw.of(['x', 'x.', '.', '-', 'x-', '_', 'xn--'])}${draw.of(NAMES)}:443`,
  behind: (draw) => `${draw.of(NAMES)}${draw.of(['x', '.evil.test', '-x', '_', '.', '.com', ':443'])}:443`,
  labels: (draw) => `${label(draw)}.${draw.of(NAMES)}:443`,
  odd: (draw) => {
    const name: string = draw.of(NAMES);
    const at = draw.below(name.length + 1);
    return `${name.slice(0, at)}${draw.of(ODD)}${name.slice(at)}:443`;
  },
  user: (draw) => `${draw.of(['user', 'a:b', 'evil.test', 'api.allowed.test', 'api.allowed.test:443'])}@${draw.of(NAMES)}:443`,
  url: (draw) =>
    `${draw.of(['http://', 'https://', '//', ''])}${draw.of(NAMES)}${draw.of([':443/', ':443/x', '/', '', ':443?x', ':443#x'])}`,
  number: (draw) => `${number(draw)}${draw.of(['', '', '.'])}:${draw.of(['443', '443', '80'])}`,
  six: (draw) => `${draw.of(['[#]', '[#]', '#', '[#%eth0]', '[#'])}:443`.replace('#', draw.of(ADDRESSES_6)),
  long: (draw) => `${'a'.repeat(50 + draw.below(30))}.${'b'.repeat(20 + draw.below(20))}.${'c.'.repeat(draw.below(60))}wide.test:443`,
};

function label(draw: Draw): string {
  const letter = (): string => draw.of(['a', 'b', 'c', 'z', '0', '1', '9', '-', '_']);
  return Array.from({ length: 1 + draw.below(8) }, letter).join('');
}

/** One IPv4 address as some resolver reads it. */
function number(draw: Draw): string {
  const [a, b, c, d] = draw.of(ADDRESSES);
  const whole = a * 2 ** 24 + b * 2 ** 16 + c * 256 + d;
  const part = (value: number): string => draw.of([String(value), `0x${value.toString(16)}`, `0${value.toString(8)}`, `00${value}`]);
  return draw.of([
    [a, b, c, d].join('.'),
    String(whole),
    `0x${whole.toString(16)}`,
    [a, b, c, d].map(part).join('.'),
    `${part(a)}.${part(b)}.${c * 256 + d}`,
    `${part(a)}.${b * 65_536 + c * 256 + d}`,
    `${a}.${b}.${c}.${d}.0`,
    `${a}.${b}.${c}`,
    `[${[a, b, c, d].join('.')}]`,
    `${a}.${b}.${c}.${256 + d}`,
  ]);
}

function letters(text: string, change: (letter: string) => string): string {
  return text.split('').map(change).join('');
}

function drawer(seed: number): Draw {
  let state = seed >>> 0;
  // Mulberry32.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (most: number): number => Math.floor(next() * most);
  return {
    below,
    of: (list) => {
      const found = list[below(list.length)];
      if (found === undefined) throw new TypeError('an empty list');
      return found;
    },
  };
}
