import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GENESIS, type TrailEvent, sealLine } from '../policy/trail-line.ts';
import { type Recorded, RecordBudget } from './record-budget.ts';
import { DEFAULT_TRAIL } from './settings.ts';

const HOUR_MS = 3_600_000;

/** How many of `times` get a record. */
function recorded(budget: RecordBudget, client: string, times: number, kind: Recorded = 'denial'): number {
  return Array.from({ length: times }, () => budget.spend(client, kind)).filter(Boolean).length;
}

test('RecordBudget: a flood of denials -> a burst is recorded, then ten a second, other clients as ever', () => {
  let nowMs = 0;
  const budget = new RecordBudget(() => nowMs);
  assert.equal(recorded(budget, 'a', 1000), 300);
  assert.equal(recorded(budget, 'b', 5), 5);
  nowMs = 1000;
  assert.equal(recorded(budget, 'a', 1000), 10);
  nowMs = HOUR_MS;
  assert.equal(recorded(budget, 'a', 1000), 300);
});

test('RecordBudget: a flood that goes on -> fewer and fewer, down to one in five seconds', () => {
  let nowMs = 0;
  const budget = new RecordBudget(() => nowMs);
  for (; nowMs < HOUR_MS; nowMs += 1000) recorded(budget, 'a', 20);
  let last = 0;
  for (; nowMs < HOUR_MS + 100_000; nowMs += 1000) last += recorded(budget, 'a', 20);
  assert.equal(last, 20);
});

test('RecordBudget: passages -> an hour’s worth at once, then one in two seconds, and denials do not eat them', () => {
  let nowMs = 0;
  const budget = new RecordBudget(() => nowMs);
  recorded(budget, 'a', 1000);
  assert.equal(recorded(budget, 'a', 10_000, 'passage'), 3600);
  assert.equal(budget.has('a', 'passage'), false);
  assert.equal(budget.has('b', 'passage'), true);
  nowMs = 100_000;
  assert.equal(recorded(budget, 'a', 10_000, 'passage'), 50);
});

test('RecordBudget: a flood of DNS questions -> some hundred are recorded, then one in a minute; denials keep their room', () => {
  let nowMs = 0;
  const budget = new RecordBudget(() => nowMs);
  assert.equal(recorded(budget, 'a', 1000, 'question'), 300);
  nowMs = HOUR_MS;
  assert.ok(recorded(budget, 'a', 1000, 'question') <= 300);
  nowMs += 100_000;
  assert.ok(recorded(budget, 'a', 1000, 'question') <= 200);
  assert.equal(recorded(budget, 'a', 1000), 300);
});

test('RecordBudget: a proof is announced -> it has room for its own, a client that used up nothing keeps its burst', () => {
  const budget = new RecordBudget(() => 0);
  recorded(budget, 'a', 1000);
  recorded(budget, 'b', 1);
  budget.makeRoom();
  assert.equal(recorded(budget, 'a', 1000), 200);
  assert.equal(recorded(budget, 'b', 1000), 299);
});

test('RecordBudget: skipped ones -> one record a client, told once, then after some seconds or when all is told', () => {
  let nowMs = 0;
  const budget = new RecordBudget(() => nowMs);
  for (const client of ['a', 'a', 'b']) budget.skip(client, 'denials');
  budget.skip('a', 'connections');
  assert.deepEqual(budget.take(), [
    { client: 'a', detail: '2 denials, 1 connections' },
    { client: 'b', detail: '1 denials' },
  ]);
  assert.deepEqual(budget.take(), []);
  budget.skip('a', 'denials');
  assert.deepEqual(budget.take(), []);
  assert.deepEqual(budget.take('all'), [{ client: 'a', detail: '1 denials' }]);
  budget.skip('a', 'denials');
  nowMs = 5000;
  assert.deepEqual(budget.take(), [{ client: 'a', detail: '1 denials' }]);
});

const size = (event: TrailEvent): number => sealLine({ seq: 1e9, time: 2e12, prev: GENESIS }, event).line.length;
const client = 'n'.repeat(63);
// Every character of these is two in JSON.
const longest = '\\'.repeat(255);
const name = 'n'.repeat(253);
const DENIAL = size({
  kind: 'decision',
  client,
  verdict: 'deny',
  reason: 'sni-mismatch',
  via: 'connect',
  host: longest,
  port: 65_535,
  detail: 'd'.repeat(100),
});
const PASSAGE =
  size({
    kind: 'decision',
    client,
    verdict: 'allow',
    reason: 'report-mode',
    would: 'address-without-rule',
    rule: `${name}:65535 (operator somebody 2026-01-01)`,
    via: 'connect',
    host: name,
    port: 65_535,
    address: 'f'.repeat(39),
    sni: longest,
    detail: 'd'.repeat(60),
  }) + size({ kind: 'end', of: 1e9, client, host: name, port: 65_535, up: 1e12, down: 1e12, ms: 1e9, why: 'operator' });
const QUESTION = size({
  kind: 'decision',
  client,
  verdict: 'deny',
  reason: 'dns-question',
  via: 'dns',
  // A byte that no name has is four characters, one of them two in JSON.
  host: '\\000'.repeat(63),
  port: 53,
  detail: 'TYPE65535, 1000 bytes behind the question',
});
const SUMMARY = size({
  kind: 'decision',
  client,
  verdict: 'deny',
  reason: 'limit',
  via: 'none',
  host: '',
  port: 0,
  detail: 'd'.repeat(250),
});

const RETENTION: readonly (readonly [clients: number, hours: number])[] = [
  [1, 28],
  [2, 13],
  [3, 8],
];
for (const [clients, hours] of RETENTION) {
  test(`RecordBudget: ${clients} clients flood with the longest records -> for ${hours} hours nothing before is dropped`, () => {
    let nowMs = 0;
    const budget = new RecordBudget(() => nowMs);
    let bytes = 0;
    for (; nowMs < hours * HOUR_MS; nowMs += 1000) {
      while (budget.spend('a', 'denial')) bytes += DENIAL;
      while (budget.spend('a', 'passage')) bytes += PASSAGE;
      while (budget.spend('a', 'question')) bytes += QUESTION;
      budget.skip('a', 'x');
      bytes += budget.take().length * SUMMARY;
    }
    // The file that is begun last may be almost empty when the oldest goes.
    const kept = (DEFAULT_TRAIL.files - 1) * DEFAULT_TRAIL.fileBytes;
    assert.ok(bytes * clients < kept, `${Math.round((bytes * clients) / 1024 ** 2)} MiB of ${Math.round(kept / 1024 ** 2)}`);
  });
}
