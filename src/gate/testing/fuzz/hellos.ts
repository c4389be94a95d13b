import fc from 'fast-check';
import { helloMessage, inRecords, serverName, uint24, uint8, vector16 } from '../hello-bytes.ts';
import { mutated } from './pieces.ts';

const NAMES = [
  'a.test',
  'A.Test',
  'a.test.',
  'evil.test',
  'xn--bcher-kva.example',
  '127.0.0.1',
  '0x7f.1',
  '',
  'a.test\u0000.evil',
  'b\u00fccher.example',
  'a'.repeat(300),
  'a test',
];
const name = fc.oneof({ weight: 8, arbitrary: fc.constant('a.test') }, { weight: 4, arbitrary: fc.constantFrom(...NAMES) });
const entry = fc
  .tuple(fc.constantFrom(0, 0, 0, 0, 1, 255), name)
  .map(([type, host]) => Buffer.concat([uint8(type), vector16(Buffer.from(host, 'latin1'))]));

type Extension = readonly [type: number, body: Buffer];
const nameList: fc.Arbitrary<Extension> = fc.array(entry, { maxLength: 3 }).map((list) => [0, vector16(...list)]);
const GREASE = [0x0a0a, 0x1a1a, 0xfafa];
const rest = fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes));
const other: fc.Arbitrary<Extension> = fc.oneof(
  fc.tuple(fc.constantFrom(...GREASE, 5, 10, 11, 13, 16, 21, 23, 35, 43, 45, 51, 0xff01), rest),
  fc.tuple(fc.constantFrom(0xfe0d, 0xfd00, 0xffce, 41), rest),
);
const extensions = fc
  .tuple(
    fc.oneof(
      { weight: 8, arbitrary: name.map((host) => [serverName(host)]) },
      { weight: 1, arbitrary: fc.array(nameList, { maxLength: 2 }) },
    ),
    fc.array(other, { maxLength: 5 }),
    fc.nat(5),
  )
  .map(([names, others, at]) => [...others.slice(0, at), ...names, ...others.slice(at)]);

const message = fc
  .tuple(extensions, fc.constantFrom(32, 32, 32, 0, 33), fc.constantFrom(2, 2, 2, 0, 40))
  .map(([list, session, suites]) =>
    helloMessage({ extensions: list, sessionId: Buffer.alloc(session, 7), suites: Array<number>(suites).fill(0x1301) }),
  );

// Handshake messages one after the other: a second hello, a finished, an empty one.
const messages = fc.tuple(message, fc.constantFrom('alone', 'alone', 'alone', 'alone', 'twice', 'before', 'empty')).map(([first, more]) => {
  const evil = helloMessage({ extensions: [serverName('evil.test')] });
  const small = Buffer.concat([uint8(20), uint24(4), Buffer.alloc(4)]);
  if (more === 'twice') return Buffer.concat([first, evil]);
  if (more === 'before') return Buffer.concat([small, first]);
  return more === 'empty' ? Buffer.concat([uint8(1), uint24(0), first]) : first;
});

const between = fc.constantFrom('', '', '', '', '140303000101', '15030100020100', '1603010000', '170303000100', '80');
const behind = fc.constantFrom('', '', '170303000100', '16030100050100000100', '474554');

/** The first bytes of a TLS client: well-formed hellos, odd ones, and such that were changed; over several records. */
export const hellos: fc.Arbitrary<Buffer> = mutated(
  fc
    .tuple(messages, fc.oneof(fc.constant(16_384), fc.integer({ min: 1, max: 200 })), between, behind)
    .map(([bytes, size, middle, last]) => {
      const half = Math.floor(bytes.length / 2);
      const records =
        middle === ''
          ? [inRecords(bytes, size)]
          : [inRecords(bytes.subarray(0, half), size), Buffer.from(middle, 'hex'), inRecords(bytes.subarray(half), size)];
      return Buffer.concat([...records, Buffer.from(last, 'hex')]);
    }),
  2,
);

/** Hellos whose lengths were changed by one, here or there: each reader that does not check them all finds another name. */
export const shiftedHellos: fc.Arbitrary<Buffer> = fc
  .tuple(message, fc.array(fc.tuple(fc.nat(400), fc.constantFrom(-1, 1, 2, 9, 255)), { minLength: 1, maxLength: 3 }))
  .map(([bytes, shifts]) => {
    const whole = inRecords(bytes);
    for (const [at, by] of shifts) whole[at % whole.length] = ((whole[at % whole.length] ?? 0) + by) & 255;
    return whole;
  });
