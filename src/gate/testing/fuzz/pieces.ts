import fc from 'fast-check';

/** Labels of a small world, so that rules, names and answers meet often. */
const NAMES = ['a.test', 'b.a.test', 'api.example.com', 'example.com', 'xn--bcher-kva.example', 'localhost', 'x.localhost'] as const;

/** Ways to write the same name, and ways that only look like it. */
const disguises: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toUpperCase(),
  (name) => `${name}.`,
  (name) => `${name}..`,
  (name) => `.${name}`,
  (name) => `x.${name}`,
  (name) => `evil${name}`,
  (name) => `${name}.evil`,
  (name) => name.replaceAll('.', '\u3002'),
  (name) => name.replace('a', '\u0430'),
  (name) => name.replace('a', '\uff41'),
  (name) => name.replace('e', '\u00ade'),
  (name) => `user@${name}`,
  (name) => `${name}@evil.test`,
  (name) => `${name}%00.evil.test`,
  (name) => `${name}\u0000`,
  (name) => `${name}/x`,
  (name) => `${name}\\x`,
  (name) => `${name}#`,
  (name) => ` ${name}`,
  (name) => `${name}\t`,
  (name) => `[${name}]`,
  (name) => name.replaceAll('.', '%2e'),
];

/** Numbers of one IPv4 address in the forms that some resolver reads. */
function ipv4Forms([a = 0, b = 0, c = 0, d = 0]: readonly number[]): readonly string[] {
  const all = ((a * 256 + b) * 256 + c) * 256 + d;
  const octal = (value: number): string => `0${value.toString(8)}`;
  const hex = (value: number): string => `0x${value.toString(16)}`;
  const groups = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  return [
    `${a}.${b}.${c}.${d}`,
    `${a}.${b}.${c * 256 + d}`,
    `${a}.${(b * 256 + c) * 256 + d}`,
    String(all),
    hex(all),
    octal(all),
    [a, b, c, d].map(octal).join('.'),
    [a, b, c, d].map(hex).join('.'),
    `${a}.${b}.${c}.${d}.`,
    `::ffff:${a}.${b}.${c}.${d}`,
    `[::ffff:${groups}]`,
    `0:0:0:0:0:FFFF:${groups}`,
    `::${a}.${b}.${c}.${d}`,
    `64:ff9b::${groups}`,
    `2002:${groups}::1`,
    `::ffff:0:${a}.${b}.${c}.${d}`,
    `${a}.${b}.${c}.${d}`.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    `${a}\u3002${b}\uff0e${c}\uff61${d}`,
  ];
}

const IPV4 = [
  '127.0.0.1',
  '10.1.2.3',
  '192.168.1.5',
  '169.254.169.254',
  '100.64.0.9',
  '198.51.100.1',
  '198.51.100.9',
  '8.8.8.8',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
];

/** The bytes of an IPv4 address: the ones that matter, and any. */
export const ipv4Bytes: fc.Arbitrary<readonly number[]> = fc.oneof(
  fc.constantFrom(...IPV4).map((text) => text.split('.').map(Number)),
  fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }),
);

/** The bytes of an IPv6 address, more often than not in a range with a meaning. */
export const ipv6Bytes: fc.Arbitrary<readonly number[]> = fc
  .tuple(
    fc.constantFrom(
      '',
      '0'.repeat(30),
      '20010db8',
      'fe80',
      'fc00',
      'fd00',
      'ff02',
      '2002',
      '20010000',
      '0064ff9b0000000000000000',
      '00000000000000000000ffff',
      '0100',
      '3fff',
    ),
    fc.array(fc.oneof(fc.constantFrom(0, 0, 1, 255), fc.nat(255)), { minLength: 16, maxLength: 16 }),
  )
  .map(([prefix, bytes]) => [...Buffer.from(prefix, 'hex'), ...bytes].slice(0, 16));

/** How a client or a resolver might write an address. */
export const addressText: fc.Arbitrary<string> = fc.oneof(
  ipv4Bytes.chain((bytes) => fc.constantFrom(...ipv4Forms(bytes))),
  fc.ipV6(),
  fc.ipV4Extended(),
  fc.tuple(fc.ipV6(), fc.constantFrom('', '%eth0', '%25lo', '%')).map(([text, zone]) => `[${text}${zone}]`),
  ipv6Bytes.map((bytes) =>
    Buffer.from(bytes)
      .toString('hex')
      .replaceAll(/(....)(?=.)/g, '$1:'),
  ),
);

/** Hosts of all kinds, honest and not. */
export const hostText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...disguises)).map(([name, disguise]) => disguise(name)) },
  { weight: 3, arbitrary: addressText },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => `${text}.com`) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.constantFrom('0x', '0', '1', '.', ':', '[', ']', '%', 'a', '-', '256', '\u3002', '::', 'ffff'), { maxLength: 12 })
      .map((parts) => parts.join('')),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('a', '.', '1.', '0', ':', 'a.', '%', '\u00e4'), fc.nat(20_000))
      .map(([piece, times]) => piece.repeat(times)),
  },
);

/** Hosts as a policy file holds them. */
export const ruleHost: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      ...NAMES,
      '*.a.test',
      '*.test',
      '*.example.com',
      '127.0.0.1',
      '10.1.2.3',
      '198.51.100.1',
      '198.51.100.9',
      '::ffff:10.1.2.3',
      '*.10.1.2.3',
      '*.com',
    ),
  },
  { weight: 1, arbitrary: hostText },
);

/** Bytes changed here and there: replaced, put in, taken out, doubled, and now and then repeated thousands of times. */
export function mutated(source: fc.Arbitrary<Buffer>, most = 3): fc.Arbitrary<Buffer> {
  const byte = fc.oneof(fc.constantFrom(0, 9, 10, 13, 32, 44, 47, 58, 64, 127, 128, 255), fc.nat(255));
  const change = fc.record({
    at: fc.nat(4000),
    act: fc.constantFrom('replace', 'insert', 'remove', 'double'),
    byte,
    times: fc.oneof({ weight: 200, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.nat(20_000) }),
  });
  return fc.tuple(source, fc.array(change, { maxLength: most })).map(([bytes, changes]) => {
    let whole = bytes;
    for (const { at: anywhere, act, byte: value, times } of changes) {
      const at = anywhere % (whole.length + 1);
      const filling = act === 'remove' ? Buffer.alloc(0) : act === 'double' ? whole.subarray(at, at + 8) : Buffer.alloc(times, value);
      const after = act === 'insert' || act === 'double' ? at : at + 1;
      whole = Buffer.concat([whole.subarray(0, at), filling, whole.subarray(after)]);
    }
    return whole;
  });
}

/** Where bytes are cut on their way: sizes of the pieces, used in turn. */
export const cuts: fc.Arbitrary<readonly number[]> = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5000 })), {
  minLength: 1,
  maxLength: 4,
});

/** The pieces that `cuts` makes of some bytes. */
export function piecesOf(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    // Some hundred pieces at most: what a thousand cost is the time limit's business, not the reader's.
    const size = Math.max(sizes[pieces.length % sizes.length] ?? 1, Math.ceil(bytes.length / 300));
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
