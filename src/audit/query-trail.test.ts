import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { trailFileName } from '../policy/trail-line.ts';
import { followTrail, queryTrail } from './query-trail.ts';
import { summarise } from './summarise.ts';
import { TrailWriter, allowed, decision } from './testing/trail-writer.ts';
import { trailFiles, trailLines } from './trail-files.ts';

function sample(t: TestContext): TrailWriter {
  const writer = new TrailWriter(t);
  writer.write(
    1,
    { kind: 'start', pid: 1, file: 1, oldest: 1 },
    decision('evil.test'),
    decision('api.test', allowed),
    decision('x.evil.test', { client: 'node-nas' }),
  );
  writer.write(
    2,
    { kind: 'end', of: 3, client: 'gateway-main', host: 'api.test', port: 443, up: 5, down: 70, ms: 9, why: 'closed' },
    decision('evil.test'),
  );
  writer.write(2, decision('seen.test', { verdict: 'allow', reason: 'report-mode', would: 'no-rule' }));
  return writer;
}

const QUERIES: readonly (readonly [
  situation: string,
  filter: Parameters<typeof queryTrail>[1],
  limit: number,
  hosts: readonly string[],
])[] = [
  ['everything', {}, 100, ['evil.test', 'api.test', 'x.evil.test', 'evil.test', 'seen.test']],
  ['the last two', {}, 2, ['evil.test', 'seen.test']],
  ['denied, also what report mode let pass', { denied: true }, 100, ['evil.test', 'x.evil.test', 'evil.test', 'seen.test']],
  ['a client', { client: 'node-nas' }, 100, ['x.evil.test']],
  ['a host with its sub-domains', { host: 'evil.test' }, 100, ['evil.test', 'x.evil.test', 'evil.test']],
  ['since', { sinceMs: 60 }, 100, ['evil.test', 'seen.test']],
];

for (const [situation, filter, limit, hosts] of QUERIES) {
  test(`queryTrail: ${situation} -> those, oldest first`, async (t) => {
    const entries = await queryTrail(sample(t).folder, filter, limit);
    assert.deepEqual(
      entries.map((entry) => entry.decision.host),
      hosts,
    );
  });
}

test('queryTrail: an ended connection -> its bytes with the decision', async (t) => {
  const [entry] = await queryTrail(sample(t).folder, { host: 'api.test' }, 10);
  assert.deepEqual([entry?.end?.up, entry?.end?.down, entry?.decision.rule], [5, 70, 'api.test:443 (x)']);
});

test('summarise: one line a host, port and client, most recent first', async (t) => {
  const sums = await summarise(sample(t).folder, {});
  assert.deepEqual(
    sums.map(({ host, client, allowed: yes, denied, firstMs, lastMs, reason }) => [host, client, yes, denied, firstMs, lastMs, reason]),
    [
      ['seen.test', 'gateway-main', 1, 0, 70, 70, 'no-rule'],
      ['evil.test', 'gateway-main', 0, 2, 20, 60, 'no-rule'],
      ['x.evil.test', 'node-nas', 0, 1, 40, 40, 'no-rule'],
      ['api.test', 'gateway-main', 1, 0, 30, 30, 'rule'],
    ],
  );
});

test('followTrail: records after it began, over a rotation -> each once', { timeout: 10_000 }, async (t) => {
  const writer = sample(t);
  const stop = new AbortController();
  const seen: string[] = [];
  const following = (async () => {
    for await (const one of followTrail(writer.folder, {}, stop.signal)) {
      seen.push(one.host);
      if (seen.length === 3) stop.abort();
    }
  })();
  const steps = [
    (): void => writer.write(2, decision('one.test')),
    (): void => writer.write(3, decision('two.test')),
    (): void => writer.write(3, decision('three.test')),
  ];
  const timer = setInterval(() => steps.shift()?.(), 100);
  await following;
  clearInterval(timer);
  assert.deepEqual(seen, ['one.test', 'two.test', 'three.test']);
});

test('trailLines: a line of many megabytes -> bounded, and the lines after it are read', async (t) => {
  const writer = new TrailWriter(t);
  appendFileSync(join(writer.folder, trailFileName(1)), `${'x'.repeat(3_000_000)}\n`);
  writer.write(1, decision('after.test'));
  const lines = [];
  for await (const line of trailLines(writer.folder, await trailFiles(writer.folder))) lines.push(line.text.length);
  assert.equal(lines.length, 2);
  assert.ok((lines[0] ?? Infinity) <= 200_000);
});
