import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { getExtensionData, readTlsClientHello } from 'read-tls-client-hello';
import { readClientHello } from './client-hello.ts';
import { type HelloParts, helloMessage, inRecords, realHello, serverName, uint16, uint24, uint8, vector16 } from './testing/hello-bytes.ts';

const GREASE: readonly [number, Buffer] = [0x0a0a, Buffer.alloc(0)];
const ECH: readonly [number, Buffer] = [0xfe0d, Buffer.alloc(10)];
const GOOD = helloMessage({ extensions: [GREASE, serverName('api.test'), [43, Buffer.from([2, 3, 4])]] });

function show(bytes: Buffer): string {
  const reading = readClientHello(bytes);
  if (!reading) return 'more';
  if ('refused' in reading) return `${reading.refused}: ${reading.detail}`;
  return `${reading.hello.sni ?? 'no name'}${reading.hello.encrypted ? ' encrypted' : ''}`;
}

test('readClientHello: what Node’s own client says -> its server name', async () => {
  assert.equal(show(await realHello({ servername: 'api.test' })), 'api.test');
  assert.equal(show(await realHello({ servername: 'api.test', maxVersion: 'TLSv1.2' })), 'api.test');
  assert.equal(show(await realHello({ servername: '' })), 'no name');
});

test('readClientHello: cut anywhere -> wants more until it is whole, in any size of record', () => {
  for (const size of [9, 50, 16_384]) {
    const bytes = inRecords(GOOD, size);
    for (let length = 0; length < bytes.length; length += 1) assert.equal(show(bytes.subarray(0, length)), 'more', `${size} ${length}`);
    assert.equal(show(bytes), 'api.test');
    assert.equal(show(Buffer.concat([bytes, Buffer.from([23, 3, 3, 0, 1, 0])])), 'api.test');
  }
});

const name = (text: string): Buffer => Buffer.concat([uint8(0), vector16(Buffer.from(text))]);
const CASES: readonly (readonly [situation: string, bytes: Buffer, expected: RegExp])[] = [
  [
    'no extensions',
    inRecords(
      Buffer.concat([uint8(1), uint24(41), uint16(0x0303), Buffer.alloc(32), uint8(0), vector16(uint16(0x1301)), Buffer.from([1, 0])]),
    ),
    /^no name$/,
  ],
  ['no server name', inRecords(helloMessage({ extensions: [GREASE] })), /^no name$/],
  ['an encrypted one inside', inRecords(helloMessage({ extensions: [serverName('a.test'), ECH] })), /^a\.test encrypted$/],
  ['plain HTTP', Buffer.from('GET / HTTP/1.1\r\n'), /^not-tls/],
  ['SSL 2', Buffer.from('802e0100020015', 'hex'), /^not-tls/],
  ['a record of another kind', Buffer.from('1703030001', 'hex'), /^not-tls/],
  ['a version that is none', Buffer.from('160403', 'hex'), /^not-tls/],
  ['too many records', inRecords(GOOD, Math.floor(GOOD.length / 17)), /^malformed: cut into more than 16 records/],
  ['an empty record', Buffer.from('1603010000', 'hex'), /^malformed: a record of an impossible length/],
  ['a record that is too long', Buffer.from('160301ffff', 'hex'), /^malformed: a record of an impossible length/],
  ['another message first', inRecords(Buffer.concat([uint8(2), GOOD.subarray(1)])), /^malformed: .*no ClientHello/],
  [
    'an alert between its records',
    Buffer.concat([inRecords(GOOD.subarray(0, 20)), Buffer.from('15030100020100', 'hex')]),
    /^malformed: another record/,
  ],
  ['something behind it in its record', inRecords(Buffer.concat([GOOD, Buffer.from([0])])), /^malformed: something follows/],
  ['the server name twice', inRecords(helloMessage({ extensions: [serverName('a.test'), serverName('b.test')] })), /^malformed: .*twice/],
  ['two names in one extension', inRecords(helloMessage({ extensions: [[0, vector16(name('a.test'), name('b.test'))]] })), /^malformed/],
  [
    'a name of another type',
    inRecords(helloMessage({ extensions: [[0, vector16(uint8(1), vector16(Buffer.from('a')))]] })),
    /^malformed: .*no host name/,
  ],
  ['an empty name', inRecords(helloMessage({ extensions: [serverName('')] })), /^malformed: .*empty/],
  ['a name with a zero byte', inRecords(helloMessage({ extensions: [serverName('a.test\u0000.evil')] })), /^malformed: .*ASCII/],
  ['a name longer than its list', inRecords(helloMessage({ extensions: [[0, Buffer.from([0, 3, 0, 0, 9])]] })), /^malformed/],
  ['a session id of 33 bytes', inRecords(helloMessage({ extensions: [], sessionId: Buffer.alloc(33) })), /^malformed: .*session/],
  ['no ciphers', inRecords(helloMessage({ extensions: [], suites: [] })), /^malformed: .*ciphers/],
];

for (const [situation, bytes, expected] of CASES) {
  test(`readClientHello: ${situation} -> ${expected.source}`, () => {
    assert.match(show(bytes), expected);
  });
}

const millisecondsFor = (whole: Buffer, stepBytes: number): number => {
  const began = process.cpuUsage();
  for (let length = 1; length <= whole.length; length += stepBytes) {
    const reading = readClientHello(whole.subarray(0, length));
    if (reading && 'refused' in reading) break;
  }
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1000;
};

for (const [cut, size] of [
  ['records of one byte', 1],
  ['16 records', 1100],
  ['one record', 16_384],
] as const) {
  test(`readClientHello: a hello of 16 KiB in ${cut}, byte by byte -> costs milliseconds, not seconds`, () => {
    const message = Buffer.concat([uint8(1), uint24(16_000), Buffer.alloc(16_000)]);
    const spent = millisecondsFor(inRecords(message, size).subarray(0, -1), 1);
    assert.ok(spent < 500, `${spent} ms`);
  });
}

async function theirs(bytes: Buffer): Promise<string | undefined> {
  const stream = new PassThrough();
  stream.end(bytes);
  try {
    const hello = await readTlsClientHello(stream);
    return getExtensionData(hello, 'server_name')?.serverName ?? 'no name';
  } catch {
    return undefined;
  }
}

test('readClientHello: any well-formed hello -> the name that read-tls-client-hello finds too', async () => {
  const extension = fc.tuple(
    fc.integer({ min: 100, max: 60_000 }),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  );
  const others = fc.uniqueArray(extension, { maxLength: 5, selector: ([type]) => type });
  await fc.assert(
    fc.asyncProperty(fc.option(fc.domain()), others, fc.nat(5), async (host, list, at) => {
      const extensions: HelloParts['extensions'] = host === null ? list : [...list.slice(0, at), serverName(host), ...list.slice(at)];
      const bytes = inRecords(helloMessage({ extensions }));
      assert.equal(show(bytes), host ?? 'no name');
      assert.equal(await theirs(bytes), host ?? 'no name');
    }),
    { numRuns: 100 },
  );
});

test('readClientHello: a real hello with any bytes changed -> never another name than read-tls-client-hello finds', async () => {
  const real = await realHello({ servername: 'api.test' });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }), async (changes) => {
      const bytes = Buffer.from(real);
      for (const [at, value] of changes) bytes[at] = value;
      const reading = readClientHello(bytes);
      if (!reading || 'refused' in reading) return;
      const found = await theirs(bytes);
      // It refuses some that only differ in parts that decide nothing here; where both read, they agree.
      if (found !== undefined) assert.equal(reading.hello.sni ?? 'no name', found);
    }),
    { numRuns: 500 },
  );
});

test('readClientHello: any bytes -> a reading, never an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, isWrapped) => {
      const message = Buffer.concat([uint8(1), uint24(bytes.length), bytes]);
      readClientHello(isWrapped && bytes.length > 0 ? inRecords(message) : Buffer.from(bytes));
    }),
    { numRuns: 2000 },
  );
});
