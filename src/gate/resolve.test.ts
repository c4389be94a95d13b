import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NameCache, resolveName } from './resolve.ts';
import { type StubAnswer, startDnsStub } from './testing/dns-stub.ts';

const V4 = [198, 51, 100, 7] as const;
const V6 = [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 7] as const;
const four: StubAnswer = { records: [V4] };
const six: StubAnswer = { records: [V6] };
const none: StubAnswer = { records: [] };

const CASES: readonly (readonly [situation: string, a: StubAnswer, aaaa: StubAnswer, expected: object])[] = [
  ['both families', four, six, { addresses: ['198.51.100.7', '2001:db8::7'], ttlMs: 60_000 }],
  ['only IPv4', four, none, { addresses: ['198.51.100.7'], ttlMs: 60_000 }],
  ['only IPv6', none, six, { addresses: ['2001:db8::7'], ttlMs: 60_000 }],
  ['IPv6 never answered', four, 'silence', { addresses: ['198.51.100.7'], ttlMs: 60_000 }],
  ['no such name', { code: 3 }, { code: 3 }, { failed: 'ENOTFOUND' }],
  ['a server that fails', { code: 2 }, { code: 2 }, { failed: 'ESERVFAIL' }],
  ['no address of either family', none, none, { failed: 'ENODATA' }],
];

for (const [situation, a, aaaa, expected] of CASES) {
  test(`resolveName: ${situation} -> ${JSON.stringify(expected)}`, async (t) => {
    const stub = await startDnsStub({ a, aaaa });
    t.after(() => stub.close());
    const startedMs = performance.now();
    assert.deepEqual(await resolveName('api.test', { timeoutMs: 2000, servers: [stub.server] }), expected);
    assert.ok(performance.now() - startedMs < 1500);
  });
}

test('resolveName: nobody answers -> failed at the time limit', async (t) => {
  const stub = await startDnsStub({ a: 'silence', aaaa: 'silence' });
  t.after(() => stub.close());
  const startedMs = performance.now();
  const resolved = await resolveName('api.test', { timeoutMs: 400, servers: [stub.server] });
  assert.ok('failed' in resolved);
  assert.ok(performance.now() - startedMs < 1000);
});

test('NameCache: the same name at once and soon after -> asked once; another name or a failure -> asked', async (t) => {
  const stub = await startDnsStub({ a: four, aaaa: none });
  t.after(() => stub.close());
  const names = new NameCache({ timeoutMs: 2000, servers: [stub.server] });
  await Promise.all([names.resolve('a.test'), names.resolve('a.test')]);
  await names.resolve('a.test');
  assert.equal(stub.asked(), 2);
  await names.resolve('b.test');
  assert.equal(stub.asked(), 4);
  const failing = await startDnsStub({ a: { code: 3 }, aaaa: { code: 3 } });
  t.after(() => failing.close());
  const failed = new NameCache({ timeoutMs: 2000, servers: [failing.server] });
  await failed.resolve('a.test');
  await failed.resolve('a.test');
  assert.equal(failing.asked(), 4);
});

test('NameCache: an answer that holds for no time -> asked again', async (t) => {
  const stub = await startDnsStub({ a: four, aaaa: none, ttl: 0 });
  t.after(() => stub.close());
  const names = new NameCache({ timeoutMs: 2000, servers: [stub.server] });
  await names.resolve('a.test');
  await names.resolve('a.test');
  assert.equal(stub.asked(), 4);
});
