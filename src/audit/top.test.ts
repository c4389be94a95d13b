import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topOf } from './top.ts';

const total = (
  host: string,
  client: string,
  allowed: number,
  denied: number,
  more: { readonly port?: number; readonly would?: number; readonly up?: number } = {},
) => ({
  host,
  port: 443,
  client,
  allowed,
  denied,
  ruled: denied,
  would: 0,
  up: 0,
  down: 0,
  firstMs: 1,
  lastMs: allowed + denied,
  lastFile: 1,
  lastAt: 0,
  ...more,
});

const TOTALS = [
  total('a.test', 'gateway-main', 5, 0, { up: 7 }),
  total('a.test', 'node-nas', 0, 2),
  total('b.test', 'node-nas', 0, 9, { port: 8443 }),
  total('c.test', 'node-nas', 3, 0, { would: 3 }),
  total('gone.test', 'node-nas', 0, 0),
  total('', 'gateway-main', 0, 2, { port: 0 }),
  total('x.lobsterpot.invalid', 'gateway-main', 0, 1),
];

test('topOf: by attempts -> hosts and clients, each the largest first; what is no host, or nobody asked for, is left out', () => {
  const { hosts, clients } = topOf(TOTALS, 'attempts');
  assert.deepEqual(
    hosts.map(({ name, attempts, denied, up, others }) => [name, attempts, denied, up, others.join()]),
    [
      ['b.test:8443', 9, 9, 0, 'node-nas'],
      ['a.test', 7, 2, 7, 'gateway-main,node-nas'],
      ['c.test', 3, 0, 0, 'node-nas'],
    ],
  );
  assert.deepEqual(
    clients.map(({ name, attempts, others }) => [name, attempts, others.length]),
    [
      ['node-nas', 14, 3],
      ['gateway-main', 8, 3],
    ],
  );
});

test('topOf: by denials -> what report mode let pass counts as one', () => {
  assert.deepEqual(
    topOf(TOTALS, 'denied').hosts.map(({ name }) => name),
    ['b.test:8443', 'c.test', 'a.test'],
  );
});
