import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordBudget } from './record-budget.ts';

test('RecordBudget: a flood -> a burst is recorded, then ten a second, other clients as ever', () => {
  let nowMs = 0;
  const budget = new RecordBudget(() => nowMs);
  const recorded = (client: string, times: number): number =>
    Array.from({ length: times }, () => budget.spend(client)).filter(Boolean).length;
  assert.equal(recorded('a', 1000), 300);
  assert.equal(recorded('b', 5), 5);
  nowMs = 1000;
  assert.equal(recorded('a', 1000), 10);
  nowMs = 3_600_000;
  assert.equal(recorded('a', 1000), 300);
});

test('RecordBudget: skipped ones -> counted by client and kind, told once', () => {
  const budget = new RecordBudget(() => 0);
  for (const client of ['a', 'a', 'b']) budget.skip(client, 'denials');
  budget.skip('a', 'connections');
  assert.deepEqual(budget.take(), [
    { client: 'a', what: 'denials', count: 2 },
    { client: 'b', what: 'denials', count: 1 },
    { client: 'a', what: 'connections', count: 1 },
  ]);
  assert.deepEqual(budget.take(), []);
});
