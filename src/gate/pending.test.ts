import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pending } from './pending.ts';

const at = (host: string, client = 'c'): { host: string; port: number; client: string } => ({ host, port: 443, client });
const denied = { reason: 'no-rule' } as const;

test('Pending: the same place again -> one entry with count, first and last; most recent first', () => {
  const pending = new Pending();
  pending.note(at('a.test'), denied, 1);
  pending.note(at('b.test'), denied, 2);
  pending.note(at('a.test'), denied, 3);
  pending.note(at('a.test', 'other'), denied, 4);
  assert.deepEqual(
    pending.list(() => true).map(({ host, client, count, firstMs, lastMs }) => [host, client, count, firstMs, lastMs]),
    [
      ['a.test', 'other', 1, 4, 4],
      ['a.test', 'c', 2, 1, 3],
      ['b.test', 'c', 1, 2, 2],
    ],
  );
});

test('Pending: what nobody can answer with a rule -> not in it; what report mode let pass -> in it', () => {
  const pending = new Pending();
  for (const reason of ['never-class', 'deny-rule', 'bad-request', 'unresolvable', 'limit'] as const)
    pending.note(at('x.test'), { reason }, 1);
  pending.note(at('y.test'), { reason: 'report-mode', would: 'no-rule' }, 1);
  pending.note(at('z.test'), { reason: 'rule' }, 1);
  assert.deepEqual(
    pending.list(() => true).map((entry) => [entry.host, entry.reason]),
    [['y.test', 'no-rule']],
  );
});

test('Pending: a name that exists nowhere -> not in it', () => {
  const pending = new Pending();
  pending.note(at('canary.lobsterpot.invalid'), denied, 1);
  pending.note(at('invalid.test'), denied, 1);
  assert.deepEqual(
    pending.list(() => true).map((entry) => entry.host),
    ['invalid.test'],
  );
});

test('Pending: thousands of names -> bounded, the newest stay, and those of other clients too', () => {
  const pending = new Pending();
  pending.note(at('asked.test', 'other'), denied, -1);
  for (let index = 0; index < 3000; index += 1) pending.note(at(`n${index}.test`), denied, index);
  const list = pending.list(() => true);
  assert.deepEqual([list.length, list[0]?.host, list.at(-1)?.host], [501, 'n2999.test', 'asked.test']);
});
