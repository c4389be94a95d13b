import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateStatus } from './control-client.ts';

const STATUS = {
  pid: 7,
  uptimeMs: 1,
  overrides: 0,
  trail: { seq: 0, hash: '' },
  connections: 0,
  allowed: 0,
  denied: 0,
  tunnels: [],
};
const amounts = { requests: 1, tokens: 2, usd: 0.5 };
const ROUTE = {
  client: 'gateway-main',
  provider: 'anthropic',
  limits: { minute: { requests: 30 }, day: { usd: 5 } },
  used: { minute: { period: 'm', requests: 1 }, day: { period: 'd', ...amounts }, month: { period: 'm', ...amounts } },
};

const read = (routes?: unknown) => gateStatus(async () => JSON.stringify({ ok: true, op: 'status', status: { ...STATUS, routes } }));

for (const [situation, routes] of [
  ['none, or of an older gate', undefined],
  ['what was used', [ROUTE]],
  ['nothing is known, and it is closed', [{ ...ROUTE, used: undefined, closed: 'why' }]],
] as const) {
  test(`gateStatus: routes: ${situation} -> as they are`, async () => {
    const { routes: told } = await read(routes);
    assert.deepEqual(told, routes === undefined ? undefined : JSON.parse(JSON.stringify(routes)));
  });
}

for (const [situation, routes] of [
  ['no list', {}],
  ['no client', [{ ...ROUTE, client: undefined }]],
  ['a limit that is no number', [{ ...ROUTE, limits: { day: { usd: '5' } } }]],
  ['no limits', [{ ...ROUTE, limits: undefined }]],
  ['used, without a month', [{ ...ROUTE, used: { ...ROUTE.used, month: undefined } }]],
  ['used, in words', [{ ...ROUTE, used: { ...ROUTE.used, day: { ...amounts, tokens: 'many' } } }]],
  ['closed, in numbers', [{ ...ROUTE, closed: 1 }]],
] as const) {
  test(`gateStatus: routes: ${situation} -> a problem`, async () => {
    await assert.rejects(read(routes), { code: 'audit/gate-answer' });
  });
}
