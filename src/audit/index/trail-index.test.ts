import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { trailFileName, type TrailEvent } from '../../policy/trail-line.ts';
import { queryTrail, type TrailFilter } from '../query-trail.ts';
import { summarise } from '../summarise.ts';
import { TrailWriter, allowed, decision } from '../testing/trail-writer.ts';
import { verifyTrail } from '../verify-trail.ts';
import { queryIndex } from './query-index.ts';
import { placeTotals, summariseHost } from './sum-index.ts';
import { TrailReplaced, catchUp, openTrailIndex, witnessesOf, type TrailIndex } from './trail-index.ts';

function indexOf(t: TestContext, { parent, folder }: TrailWriter): TrailIndex {
  const index = openTrailIndex(join(parent, 'index.sqlite'), folder);
  t.after(() => index[Symbol.dispose]());
  return index;
}

type Step =
  | { readonly do: 'write'; readonly host: string; readonly client: string; readonly kind: 'allow' | 'deny' | 'would' }
  | { readonly do: 'end'; readonly which: number; readonly up: number; readonly down: number }
  | { readonly do: 'other' | 'rotate' | 'drop' | 'read' };

const aStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('write' as const),
      host: fc.constantFrom('a.test', 'x.a.test', 'xa.test', 'b.test', '203.0.113.7'),
      client: fc.constantFrom('gateway-main', 'node-nas'),
      kind: fc.constantFrom('allow' as const, 'deny' as const, 'would' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(), up: fc.nat(999), down: fc.nat(999) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('other' as const, 'rotate' as const, 'drop' as const, 'read' as const) }) },
);

const FILTERS: readonly TrailFilter[] = [
  {},
  { denied: true },
  { client: 'node-nas' },
  { host: 'a.test' },
  { host: 'nowhere.test' },
  { sinceMs: 150 },
  { sinceMs: 150, denied: true, client: 'gateway-main', host: 'a.test' },
];

const VERDICTS = {
  allow: allowed,
  deny: { verdict: 'deny', reason: 'no-rule' },
  would: { verdict: 'allow', reason: 'report-mode', would: 'no-rule' },
} as const;

test('queryIndex, placeTotals, summariseHost: any trail, read bit by bit while files come and go -> what reading all of it gives', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(aStep, { maxLength: 60 }), fc.integer({ min: 1, max: 30 }), async (steps, limit) => {
      const writer = new TrailWriter(t);
      using index = openTrailIndex(join(writer.parent, 'index.sqlite'), writer.folder);
      const open: { of: number; host: string; client: string }[] = [];
      let [oldest, file] = [1, 1];
      writer.write(1, { kind: 'start', pid: 1, file: 1, oldest: 1 });
      for (const step of steps) {
        switch (step.do) {
          case 'write':
            writer.write(file, decision(step.host, { client: step.client, ...VERDICTS[step.kind] }));
            if (step.kind !== 'deny') open.push({ of: writer.head.seq, host: step.host, client: step.client });
            break;
          case 'end': {
            const [ended] = open.splice(step.which % Math.max(1, open.length), 1);
            if (ended) writer.write(file, { kind: 'end', ...ended, port: 443, up: step.up, down: step.down, ms: 1, why: 'closed' });
            break;
          }
          case 'other':
            writer.write(file, { kind: 'operator', by: 'ann', change: 'ü' });
            break;
          case 'rotate':
            file += 1;
            writer.write(file, { kind: 'file', file, oldest });
            break;
          case 'drop':
            if (oldest === file) break;
            rmSync(join(writer.folder, trailFileName(oldest)));
            oldest += 1;
            break;
          case 'read':
            await catchUp(index);
        }
      }
      await catchUp(index);
      for (const filter of FILTERS)
        assert.deepEqual(await queryIndex(index, filter, limit), await queryTrail(writer.folder, filter, limit));
      for (const sinceMs of [-Infinity, 150]) {
        const totals = await placeTotals(index, sinceMs);
        const counted = totals
          .filter((one) => one.allowed + one.denied > 0)
          .map(({ host, client, allowed: yes, denied, firstMs, lastMs }) => [host, client, yes, denied, firstMs, lastMs]);
        const wanted = (await summarise(writer.folder, { sinceMs })).map(({ host, client, allowed: yes, denied, firstMs, lastMs }) => [
          host,
          client,
          yes,
          denied,
          firstMs,
          lastMs,
        ]);
        assert.deepEqual(new Set(counted.map(String)), new Set(wanted.map(String)));
      }
      const host = await summariseHost(index, 'a.test');
      const plain = (await summarise(writer.folder, { host: 'a.test' })).filter((one) => one.host === 'a.test');
      assert.deepEqual(
        host.map(({ up: _up, down: _down, ...one }) => one),
        plain.map(({ up: _up, down: _down, ...one }) => one),
      );
      rmSync(writer.parent, { recursive: true });
    }),
    { numRuns: 60 },
  );
});

function sample(t: TestContext): TrailWriter {
  const writer = new TrailWriter(t);
  writer.write(1, { kind: 'start', pid: 1, file: 1, oldest: 1 }, decision('a.test'), decision('b.test', allowed));
  writer.write(
    2,
    { kind: 'file', file: 2, oldest: 1 },
    { kind: 'end', of: 3, client: 'gateway-main', host: 'b.test', port: 443, up: 5, down: 70, ms: 9, why: 'closed' },
  );
  writer.write(2, decision('c.test'));
  return writer;
}

test('catchUp: again -> only what is new is read', async (t) => {
  const writer = sample(t);
  const index = indexOf(t, writer);
  assert.deepEqual([await catchUp(index), await catchUp(index)], [6, 0]);
  writer.write(2, decision('d.test'));
  appendFileSync(join(writer.folder, trailFileName(2)), '{"seq":8,"half');
  assert.equal(await catchUp(index), 1);
  assert.equal(await catchUp(index), 0);
  const [total] = (await placeTotals(index)).filter(({ host }) => host === 'b.test');
  assert.deepEqual([total?.up, total?.down, total?.lastMs], [5, 70, 30]);
});

test('catchUp: a line that was changed -> it is not in the answers, the ones after it are', async (t) => {
  const writer = sample(t);
  const path = join(writer.folder, trailFileName(1));
  writeFileSync(path, readFileSync(path, 'utf8').replace('a.test', 'x.test'));
  const index = indexOf(t, writer);
  await catchUp(index);
  assert.deepEqual(
    (await queryIndex(index, {}, 9)).map(({ decision: { host } }) => host),
    ['b.test', 'c.test'],
  );
});

const REPLACED: readonly (readonly [what: string, replace: (writer: TrailWriter, t: TestContext) => void])[] = [
  ['a file that is shorter', ({ folder }) => truncateSync(join(folder, trailFileName(2)), 10)],
  ['a file that is gone, and not the oldest', ({ folder }) => rmSync(join(folder, trailFileName(2)))],
  ['no trail at all', ({ folder }) => rmSync(folder, { recursive: true })],
  [
    'another, longer trail in its place',
    (writer, t) => {
      const other = new TrailWriter(t);
      for (const file of [1, 2]) {
        other.write(file, ...Array.from({ length: 9 }, (_one, index): TrailEvent => decision(`other-${index}.test`)));
        writeFileSync(join(writer.folder, trailFileName(file)), readFileSync(join(other.folder, trailFileName(file))));
      }
    },
  ],
];
for (const [what, replace] of REPLACED) {
  test(`catchUp: ${what} -> said, and verifyTrail says where by what was read before`, async (t) => {
    const writer = sample(t);
    const index = indexOf(t, writer);
    await catchUp(index);
    replace(writer, t);
    await assert.rejects(catchUp(index), TrailReplaced);
    assert.equal((await verifyTrail(writer.folder, undefined, witnessesOf(index))).ok, false);
  });
}

test('openTrailIndex: something that is no index, or one of another version -> made anew', async (t) => {
  const writer = sample(t);
  const path = join(writer.parent, 'index.sqlite');
  writeFileSync(path, 'not a database at all, but long enough to be taken for one'.repeat(50));
  using index = openTrailIndex(path, writer.folder);
  assert.equal(await catchUp(index), 6);
  index.database.exec('pragma user_version = 99');
  using again = openTrailIndex(path, writer.folder);
  assert.equal(await catchUp(again), 6);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('catchUp: files that the gate dropped -> gone from the index with the names that nothing else has', async (t) => {
  const writer = sample(t);
  const index = indexOf(t, writer);
  await catchUp(index);
  rmSync(join(writer.folder, trailFileName(1)));
  await catchUp(index);
  const names = index.database
    .prepare('select host from place order by host')
    .all()
    .map(({ host }) => host);
  assert.deepEqual(names, ['b.test', 'c.test']);
  assert.deepEqual(
    witnessesOf(index).map(({ seq }) => seq),
    [6],
  );
});

test('placeTotals, summariseHost: hundreds of small files, some dropped later -> what reading all of it gives', async (t) => {
  const writer = new TrailWriter(t);
  const index = indexOf(t, writer);
  const compare = async (): Promise<void> => {
    await catchUp(index);
    for (const sinceMs of [-Infinity, 900]) {
      const wanted = await summarise(writer.folder, { sinceMs });
      const totals = await placeTotals(index, sinceMs);
      assert.deepEqual(
        new Set(totals.map(({ host, allowed: yes, denied, firstMs, lastMs }) => [host, yes, denied, firstMs, lastMs].join())),
        new Set(wanted.map(({ host, allowed: yes, denied, firstMs, lastMs }) => [host, yes, denied, firstMs, lastMs].join())),
      );
    }
    const [seen] = await summariseHost(index, 'host-1.test');
    const [plain] = await summarise(writer.folder, { host: 'host-1.test' });
    assert.deepEqual([seen?.denied, seen?.firstMs, seen?.lastMs], [plain?.denied, plain?.firstMs, plain?.lastMs]);
  };
  for (let file = 1; file <= 110; file += 1) writer.write(file, { kind: 'file', file, oldest: 1 }, decision(`host-${file % 7}.test`));
  await compare();
  assert.deepEqual(
    index.database
      .prepare('select first from rollup')
      .all()
      .map(({ first }) => first),
    [32, 64],
  );
  for (let file = 1; file <= 40; file += 1) rmSync(join(writer.folder, trailFileName(file)));
  for (let file = 111; file <= 140; file += 1) writer.write(file, { kind: 'file', file, oldest: 41 }, decision(`host-${file % 5}.test`));
  await compare();
  assert.deepEqual(
    index.database
      .prepare('select first from rollup')
      .all()
      .map(({ first }) => first),
    [64, 96],
  );
});
